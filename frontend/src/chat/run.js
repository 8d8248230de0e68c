// One run as this page knows it: takes its events in any order and number, and tells its view what is new.
import { Strand } from './strand.js';

// A resume that was asked for and not answered by then is asked for again.
export const RESUME_PATIENCE_MS = 3000;

/** A run that ended before its first event may number its last as the snapshot before it. */
function isLast({ type }) {
  return type === 'complete' || type === 'error';
}

export class Run {
  /**
   * `view` shows the run (see answer-view.js); `resume(runId, after)` asks the server for what was missed;
   * `over(run)` is called once.
   */
  constructor(runId, { view, resume, over = () => {}, now = () => Date.now() }) {
    Object.assign(this, { runId, view, over, now });
    this.ask = resume;
    this.answer = new Strand();
    this.thinking = new Strand();
    this.seq = 0;
    this.state = 'queued';
    this.isOver = false;
    this.isStopping = false;
    this.askedAt = 0;
    this.heardAt = 0;
    this.isAboutKnown = false;
    this.hasAskedAbout = false;
  }

  /** This will ask for what came after the last event known; at most once in a while. */
  resume({ force = false } = {}) {
    if (this.isOver || (!force && this.now() - this.askedAt < RESUME_PATIENCE_MS)) return;
    this.askedAt = this.now();
    this.ask(this.runId, this.seq);
  }

  /** This will take one event of the run; repeated and outdated ones change nothing. */
  take(event) {
    this.heardAt = this.now();
    if (event.type === 'snapshot') this.#takeSnapshot(event);
    else if (!this.isOver && (event.metadata.seq > this.seq || isLast(event))) this.#takeNext(event);
  }

  #takeNext(event) {
    const { seq } = event.metadata;
    if (this.#missedTheBeginning(event)) return;
    if (event.type === 'token' || event.type === 'thinking') {
      if (!this.#takeText(event)) return;
    } else if (event.type === 'complete' && event.content.length > this.answer.length) {
      // The end came before the last words did.
      this.resume();
      return;
    } else this.#takeOther(event);
    this.seq = seq;
  }

  /** Words fit together without the first event, but who answers was said in it alone. */
  #missedTheBeginning({ type, content }) {
    const isEnd = type === 'complete' && content.length > 0;
    if (this.isAboutKnown || this.hasAskedAbout || !(type === 'token' || type === 'thinking' || isEnd)) return false;
    this.hasAskedAbout = true;
    this.resume({ force: true });
    return isEnd;
  }

  #takeText({ type, content, metadata }) {
    const strand = type === 'token' ? this.answer : this.thinking;
    const fresh = strand.splice(metadata.offset ?? strand.length, content);
    if (fresh === null) {
      this.resume();
      return false;
    }
    this.askedAt = 0;
    this.#enter('streaming');
    if (fresh) this.view[type === 'token' ? 'appendText' : 'appendThinking'](fresh);
    return true;
  }

  #takeOther({ type, content, code, state, kept_length: keptLength }) {
    if (type === 'state') {
      this.isAboutKnown ||= Boolean(content.model);
      this.view.showAbout(content);
      this.#enter(content.state);
    } else if (type === 'tool_request') this.view.addToolCall(content);
    else if (type === 'tool_result') this.view.addToolResult(content);
    else if (type === 'switch') this.view.showSwitch(content);
    else if (type === 'error') this.#end(state ?? 'error', () => this.view.fail({ code, content, keptLength }));
    else if (type === 'complete') this.#end(content.state, () => this.view.complete(content));
  }

  #takeSnapshot({ content, metadata }) {
    if (this.isOver) return;
    this.askedAt = 0;
    this.seq = metadata.seq;
    this.isAboutKnown ||= Boolean(content.model);
    const { text = '', thinking = '' } = content;
    // Most snapshots only go on where the page already is: then nothing flickers.
    if (text.startsWith(this.answer.text)) this.view.appendText(text.slice(this.answer.text.length), { isFirst: !this.answer.text });
    else this.view.replaceText(text);
    if (thinking !== this.thinking.text) this.view.replaceThinking(thinking);
    this.answer.replace(text);
    this.thinking.replace(thinking);
    this.view.replaceToolCalls(content.tool_calls ?? []);
    this.view.showAbout(content);
    if (content.route) this.view.showRoute(content.route);
    this.#enter(content.state);
  }

  #enter(state) {
    if (state === this.state || this.isOver) return;
    this.state = state;
    this.view.showState(state);
  }

  #end(state, show) {
    this.state = state;
    this.isOver = true;
    this.view.showState(state);
    show();
    this.over(this);
  }
}
