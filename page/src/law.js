// Asks the worker for the law at depth; only answers to the newest question are passed on.

/** How long a question waits for an older one that cannot be interrupted, in milliseconds. */
const PATIENCE = 1000;

/** The law at depth by a worker on the core's bytes; `onanswer` gets the parts of each answer. */
export class Law {
  constructor(bytes, onanswer) {
    this.bytes = bytes;
    this.onanswer = onanswer;
    this.code = URL.createObjectURL(new Blob([__WORKER__], { type: "text/javascript" }));
    this.id = 0;
    this.busy = false;
    this.start();
  }

  /** Drops the question before. */
  ask(question) {
    this.forget();
    this.question = { id: this.id, ...question };
    this.worker.postMessage(this.question);
    if (this.busy) {
      this.waiting = setTimeout(() => {
        this.worker.terminate();
        this.start();
        this.worker.postMessage(this.question);
      }, PATIENCE);
    }
    this.busy = true;
  }

  /** Answers that are still on their way are not wanted. */
  forget() {
    clearTimeout(this.waiting);
    this.id += 1;
  }

  start() {
    this.worker = new Worker(this.code);
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.postMessage({ bytes: this.bytes });
  }

  take(answer) {
    if (answer.id !== this.id) return;
    clearTimeout(this.waiting);
    this.busy = !(answer.below || answer.error);
    this.onanswer(answer);
  }
}
