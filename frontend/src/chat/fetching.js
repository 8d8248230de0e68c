// Requests of the page: partials as HTML, uploads with progress.
import { find } from '../dom.js';

const PATIENCE_MS = 15_000;

export class SignedOut extends Error {}
export class Gone extends Error {}

/** This will fetch a partial as HTML. Raises SignedOut when the session is over, Gone when there is nothing (any more). */
export async function fetchPartial(url) {
  const response = await fetch(url, {
    headers: { 'X-Requested-With': 'XMLHttpRequest', Accept: 'text/html' },
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.status === 401 || response.type === 'opaqueredirect') throw new SignedOut();
  if (response.status === 404) throw new Gone();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/** This will send a file; `onProgress` gets 0 to 1. The promise has `abort()`. */
export function upload(url, file, onProgress) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open('POST', url);
    request.setRequestHeader('X-CSRFToken', find('meta[name="csrf-token"]').content);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener('load', () => settle(request, resolve, reject));
    request.addEventListener('error', () => reject(new Error('The file could not be sent. Check the network and try again.')));
    request.addEventListener('abort', () => reject(new Error('Canceled')));
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
  else if (request.status === 413) reject(new Error('The file is too large.'));
  else reject(new Error(answer?.detail ?? answer?.title ?? `The server answered ${request.status}.`));
}
