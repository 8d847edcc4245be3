// Asks the worker for the law at depth; only answers to the newest question are passed on.

/** Starts the worker on the core's bytes; `onanswer` gets the parts of each answer. */
export function startLaw(bytes, onanswer) {
  const code = new Blob([__WORKER__], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(code));
  let id = 0;
  worker.onmessage = ({ data }) => {
    if (data.id === id) onanswer(data);
  };
  worker.postMessage({ bytes });
  return {
    ask(question) {
      id += 1;
      worker.postMessage({ id, ...question });
    },
    /** Answers that are still on their way are not wanted. */
    forget() {
      id += 1;
    },
  };
}
