// Sending a file with its progress, which fetch() cannot tell.
import { ApiProblem, problemOf } from './api.js';
import { find } from './dom.js';
import { t } from './i18n.js';

/** This will send a file and resolve to the answer's JSON; `onProgress` gets 0 to 1. The promise has `abort()`. Raises ApiProblem. */
export function upload(url, file, onProgress) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    const fail = (sentence, code) => reject(new ApiProblem(sentence, code, 0));
    request.open('POST', url);
    request.setRequestHeader('X-CSRFToken', find('meta[name="csrf-token"]').content);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener('load', () => settle(request, resolve, reject));
    request.addEventListener('error', () => fail(t('The file did not arrive. Check the network and try again.'), 'unreachable'));
    request.addEventListener('abort', () => fail('', 'aborted'));
    const body = new FormData();
    body.append('file', file, file.name || 'pasted.png');
    request.send(body);
  });
  promise.abort = () => request.abort();
  return promise;
}

function settle(request, resolve, reject) {
  let answer = null;
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // An error page of a proxy: the status says enough.
  }
  if (request.status >= 200 && request.status < 300 && answer) resolve(answer);
  else reject(problemOf(request.status, answer));
}
