// Requests to the REST API: JSON in, JSON out, problems as errors with words for people.
import { find } from './dom.js';
import { t } from './i18n.js';

const PATIENCE_MS = 30_000;

export class ApiProblem extends Error {
  /** `code` is stable, `status` 0 means that no answer came, `field` names what was wrong in the body. */
  constructor(message, code, status, field = null) {
    super(message);
    this.name = 'ApiProblem';
    Object.assign(this, { code, status, field });
  }
}

/** This will call `/api/v1…` and resolve to its JSON, null where there is none. Raises ApiProblem; an abort raises AbortError. */
export async function api(method, path, body, { signal = null, headers = {} } = {}) {
  const response = await answer(method, path.startsWith('/api/') ? path : `/api/v1${path}`, body, signal, headers);
  const content = await contentOf(response);
  if (!response.ok) throw problemOf(response.status, content);
  return content;
}

async function answer(method, url, body, signal, headers) {
  const isForm = body instanceof FormData;
  const all = { Accept: 'application/json', ...headers };
  if (method !== 'GET') all['X-CSRFToken'] = find('meta[name="csrf-token"]')?.content ?? '';
  if (body !== undefined && !isForm) all['Content-Type'] = 'application/json';
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await fetch(url, {
      method,
      headers: all,
      body: body === undefined || isForm ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error.name === 'TimeoutError') throw new ApiProblem(t('The server did not answer in time. Try again.'), 'timeout', 0);
    throw new ApiProblem(t('The server cannot be reached. Check the network and try again.'), 'unreachable', 0);
  }
}

async function contentOf(response) {
  if (response.status === 204 || !/json/.test(response.headers.get('Content-Type') ?? '')) return null;
  try {
    return await response.json();
  } catch {
    // Cut short on the way: the status says enough.
    return null;
  }
}

/** This will put an answer that is no success into words. */
export function problemOf(status, content) {
  const said = content?.detail ?? content?.title ?? statusSentence(status);
  return new ApiProblem(said, content?.code ?? `status_${status}`, status, content?.field ?? null);
}

function statusSentence(status) {
  if (status === 401) return t('You are signed out. Reload the page to sign in again.');
  if (status === 413) return t('This is too large to send.');
  return t('The server answered {status}. Try again.', { status });
}
