// The answers being written on this page: each follows its run until that is over.
import { findAll } from '../dom.js';
import { AnswerView } from './answer-view.js';
import { Run } from './run.js';

// A run that was just acknowledged speaks within this time, or is asked to.
const FIRST_WORD_MS = 1500;

export class Following extends EventTarget {
  // Events: "changed" when one began or ended, "over" {run}, "state" {article, state, runId}.
  constructor({ socket, thread, onPaint }) {
    super();
    Object.assign(this, { socket, thread, onPaint });
    this.runs = new Map();
    this.lost = new Set();
  }

  open() {
    return [...this.runs.values()].filter((run) => !run.isOver);
  }

  of(article) {
    return this.runs.get(article.dataset.runId) ?? null;
  }

  /** This will follow every answer on the page that is not over. */
  followOpen() {
    for (const article of findAll('.turn[data-run-id]:not([data-over])', this.thread.list)) {
      const { runId } = article.dataset;
      if (!this.runs.has(runId) && !this.lost.has(runId)) this.follow(runId, article, { state: article.dataset.state }).resume();
    }
  }

  follow(runId, article, { state }) {
    const known = this.runs.get(runId);
    if (known) return known;
    const view = new AnswerView(article, { onPaint: this.onPaint });
    const showState = view.showState.bind(view);
    view.showState = (next) => {
      showState(next);
      this.#tell('state', { article, state: next, runId });
    };
    const run = new Run(runId, { view, resume: (id, after) => this.#resume(id, after), over: () => this.#over(run) });
    this.runs.set(runId, run);
    run.state = state;
    view.showState(state);
    this.#tell('changed');
    setTimeout(() => run.heardAt || run.resume(), FIRST_WORD_MS);
    return run;
  }

  take(frame) {
    this.runs.get(frame.metadata.run_id)?.take(frame);
  }

  /** This will see to it that a run that is over ends here too: its last event may have been lost. */
  ended(runId) {
    const run = this.runs.get(runId);
    if (run && !run.isOver) setTimeout(() => run.resume(), FIRST_WORD_MS);
  }

  /** This will stop a run; of two answers that are compared each is stopped by itself. */
  stop(run) {
    run.isStopping = true;
    this.socket.send({ type: 'chat.stop', run_id: run.runId, alone: true });
  }

  /** This will ask for what every open run wrote meanwhile. */
  resumeAll() {
    for (const run of this.open()) {
      run.resume({ force: true });
      if (run.isStopping) this.stop(run);
    }
  }

  /** This will give up a run the server does not know any more and return whether it was followed. */
  lose(runId) {
    const run = this.runs.get(runId);
    if (!run) return false;
    this.runs.delete(runId);
    this.lost.add(runId);
    run.isOver = true;
    this.thread.remove(run.view.article.dataset.message);
    this.#tell('changed');
    return true;
  }

  /** This will forget the runs whose answers are not part of the page any more. */
  forgetRemoved() {
    for (const [runId, run] of this.runs) if (!this.thread.holds(run.view.article)) this.runs.delete(runId);
    this.#tell('changed');
  }

  #resume(runId, after) {
    this.socket.send({ type: 'run.resume', id: `resume:${runId}`, run_id: runId, after });
  }

  #over(run) {
    this.#tell('changed');
    this.#tell('over', { run });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
