// Every page: theme, side bar, dialogs, copy buttons, forms that ask first. Behaviors attach to data attributes.
import { installAlerts } from './alerts.js';
import { installAttention } from './attention.js';
import { installCopy } from './copy.js';
import { installDialogs } from './dialogs.js';
import { installPalette } from './palette.js';
import { offerUndo } from './rail-actions.js';
import { installRail } from './rail.js';
import { installSearch } from './search.js';
import { installShortcutList } from './shortcut-list.js';
import { installShortcutSettings } from './shortcut-settings.js';
import { installShortcuts } from './shortcuts.js';
import { installThemeButtons } from './theme-button.js';

installThemeButtons();
installRail();
installDialogs();
installCopy();

// Only pages of the workspace have places to go to and things to do.
if (document.getElementById('app')) {
  installShortcuts();
  installPalette();
  installSearch();
  installShortcutList();
  installShortcutSettings();
  installAttention();
  installAlerts();
  offerUndo();
}
