// The reader's theme, set before the first paint; loaded in the head as a classic script, since the policy allows no inline one.
// A signed-in page brings its theme from the server, and the browser mirrors it for pages before sign-in.
try {
  const page = document.documentElement.dataset;
  if ('account' in page) {
    if (page.theme) localStorage.setItem('theme', page.theme);
    else localStorage.removeItem('theme');
  } else {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') page.theme = theme;
  }
} catch {
  // Storage may be switched off: the system's theme it is.
}
