/** The code in a fragment such as `#code=…`. */
export function codeIn(fragment: string): string | undefined {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('code');
  return code === null || code === '' ? undefined : code;
}

/**
 * Takes the code out of the address, before anything else happens: what stays there lands in the history, in
 * screenshots and in links that people pass on.
 */
function takeCode(): string | undefined {
  const { pathname, search, hash } = globalThis.location;
  const code = codeIn(hash);
  if (code !== undefined) globalThis.history.replaceState(null, '', pathname + search);
  return code;
}

/** The code with which this page was opened; a link that is opened in a page that is there already loads it anew. */
export const openedWith = takeCode();

globalThis.addEventListener('hashchange', () => {
  if (codeIn(globalThis.location.hash) !== undefined) globalThis.location.reload();
});
