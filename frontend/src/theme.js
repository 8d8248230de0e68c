// The reader's theme, set before the first paint; loaded in the head as a classic script, since the policy allows no inline one.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be switched off: the system's theme it is.
}
