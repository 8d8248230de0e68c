// The small marks above the text: the project a new conversation belongs to, and the two models that answer side by side.
import { api } from '../api.js';
import { find } from '../dom.js';
import { t } from '../i18n.js';

export class Marks extends EventTarget {
  // Event "left-project" when the conversation shall begin outside of it after all.
  constructor(row, menu) {
    super();
    Object.assign(this, { row, menu });
    this.projectMark = find('[data-mark="project"]', row);
    this.compareMark = find('[data-mark="compare"]', row);
    this.project = this.projectMark.dataset.project || fromAddress();
    find('button', this.compareMark).addEventListener('click', () => this.menu.compareWith(null));
    find('button', this.projectMark).addEventListener('click', () => this.leaveProject());
    if (this.project && !this.projectMark.dataset.project) this.#nameProject();
    this.draw();
  }

  draw() {
    const { compared } = this.menu;
    this.compareMark.hidden = !compared;
    if (compared) {
      find('.one', this.compareMark).textContent = this.menu.label();
      find('.other', this.compareMark).textContent = this.menu.label(compared);
      find('button', this.compareMark).setAttribute('aria-label', t('Stop comparing with {model}', { model: this.menu.label(compared) }));
    }
    this.projectMark.hidden = !this.project;
    this.row.hidden = !compared && !this.project;
  }

  /** This will begin outside of the project after all. */
  leaveProject() {
    this.dropProject();
    history.replaceState(history.state, '', '/');
    this.dispatchEvent(new Event('left-project'));
  }

  /** This will take the mark away: the conversation has begun and shows its project itself. */
  dropProject() {
    this.project = null;
    this.draw();
  }

  async #nameProject() {
    try {
      const { name } = await api('GET', `/projects/${this.project}`);
      find('.name', this.projectMark).textContent = name;
    } catch {
      // Not theirs or gone: the conversation begins outside of it.
      this.dropProject();
    }
  }
}

function fromAddress() {
  if (location.pathname !== '/') return null;
  const project = new URLSearchParams(location.search).get('project');
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(project ?? '') ? project : null;
}
