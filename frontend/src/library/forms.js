// Forms that call the REST API: `data-api="PATCH /projects/…"`, then go on to `data-then`, and say `data-done`.
import { api } from '../api.js';
import { newId } from '../chat/ids.js';
import { find, findAll, make } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';

const SAY_NEXT = 'olympus.said-next';
// What a form sent last and under which key, until it was answered.
const sent = new WeakMap();

/** This will wire every form with `data-api`, and buttons that wait for a change (`data-when-changed`). */
export function installForms() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.dataset.api) return;
    event.preventDefault();
    if (!form.hasAttribute('data-busy')) submit(form);
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) for (const form of findAll('form[data-busy]')) setBusy(form, false);
  });
  document.addEventListener('input', (event) => {
    const button = event.target.form && find('[data-when-changed]', event.target.form);
    if (button) button.disabled = false;
    clearTrouble(event.target);
  });
  for (const button of findAll('[data-add-prompt]')) button.addEventListener('click', () => addExample(button));
}

async function submit(form) {
  const [method, path] = form.dataset.api.split(' ');
  clearTroubles(form);
  setBusy(form, true);
  const body = method === 'DELETE' ? undefined : bodyOf(form);
  try {
    const answer = await api(method, path, body, { headers: method === 'POST' ? { 'Idempotency-Key': keyOf(form, body) } : {} });
    sent.delete(form);
    goOn(form, answer);
    // On the way to another page nothing more is to be sent.
    if (form.dataset.then) return;
  } catch (error) {
    showProblem(form, error);
  }
  setBusy(form, false);
}

/** The same words sent again, because the line broke before the answer came, are the same request. */
function keyOf(form, body) {
  const said = JSON.stringify(body);
  if (sent.get(form)?.said !== said) sent.set(form, { said, key: newId() });
  return sent.get(form).key;
}

function goOn(form, answer) {
  const { then, done, undo } = form.dataset;
  if (then) {
    if (done) sayNext(done, undo ?? null);
    go(then === 'reload' ? null : then.replace('{id}', answer?.id ?? ''));
    return;
  }
  const button = find('[data-when-changed]', form);
  if (button) button.disabled = true;
  if (done) toast(done);
}

function go(address) {
  if (address) location.assign(address);
  else location.reload();
}

async function addExample(button) {
  button.disabled = true;
  try {
    const { id } = await api('POST', '/prompts', JSON.parse(button.dataset.addPrompt));
    location.assign(`/prompts/${id}/`);
  } catch (error) {
    toast(error.message, { kind: 'failed' });
    button.disabled = false;
  }
}

/** This will read a form as the JSON the API takes; `options.x` goes into what options there are. */
export function bodyOf(form) {
  const body = form.dataset.options === undefined ? {} : { options: JSON.parse(form.dataset.options) };
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = valueOf(field);
    if (!field.name.startsWith('options.')) body[field.name] = value;
    else if (value === null || value === '') delete body.options[field.name.slice(8)];
    else body.options[field.name.slice(8)] = value;
  }
  return body;
}

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked;
  if (field.dataset.type === 'boolean') return field.value === 'true';
  if (field.dataset.type === 'number') return field.value === '' ? null : Number(field.value);
  return field.value;
}

function setBusy(form, isBusy) {
  form.toggleAttribute('data-busy', isBusy);
  for (const button of findAll('button[type="submit"]:not([data-when-changed])', form)) button.disabled = isBusy;
}

/** This will show a problem beside the field it is about, else as a toast. */
export function showProblem(form, error) {
  const field = error.field ? form.elements.namedItem(error.field) : null;
  if (!field?.closest || field.type === 'hidden') {
    toast(error.message, { kind: 'failed' });
    return;
  }
  const id = `${field.id}-trouble`;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-errormessage', id);
  field.closest('.form-row')?.append(make('p.errors', { id, role: 'alert' }, error.message));
  field.focus();
}

function clearTroubles(form) {
  for (const field of findAll('[aria-invalid]', form)) clearTrouble(field);
}

function clearTrouble(field) {
  if (!field.hasAttribute?.('aria-invalid')) return;
  field.removeAttribute('aria-invalid');
  document.getElementById(field.getAttribute('aria-errormessage'))?.remove();
}

/** This will say a sentence on the page that comes next; `undo` is a call of the API. */
export function sayNext(sentence, undo = null) {
  try {
    sessionStorage.setItem(SAY_NEXT, JSON.stringify({ sentence, undo }));
  } catch {
    // Without storage the next page says nothing; the list shows what was done.
  }
}

/** This will say what the page before left to say. */
export function sayWhatWasDone() {
  let said = null;
  try {
    said = JSON.parse(sessionStorage.getItem(SAY_NEXT));
    sessionStorage.removeItem(SAY_NEXT);
  } catch {
    // Nothing was left.
  }
  if (!said) return;
  const [method, path] = said.undo?.split(' ') ?? [];
  toast(said.sentence, { undo: path ? () => takeBack(method, path) : null });
}

async function takeBack(method, path) {
  await api(method, path);
  sayNext(t('It is back.'));
  location.reload();
}
