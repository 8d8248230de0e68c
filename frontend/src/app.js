// Every page: theme, side bar, dialogs, copy buttons, forms that ask first. Behaviors attach to data attributes.
import { installCopy } from './copy.js';
import { installDialogs } from './dialogs.js';
import { installRail } from './rail.js';
import { installThemeButtons } from './theme-button.js';

installThemeButtons();
installRail();
installDialogs();
installCopy();
