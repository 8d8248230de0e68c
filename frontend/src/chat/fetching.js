// Requests of the page: partials as HTML.

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
