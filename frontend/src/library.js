// Pages of projects, prompts and presets: forms that speak to the REST API, files, the prompt editor.
import { installFiles } from './library/files.js';
import { installFilter } from './library/filter.js';
import { installForms, sayWhatWasDone } from './library/forms.js';
import { installPromptEditor } from './library/prompt-editor.js';

installForms();
installFiles();
installFilter();
installPromptEditor();
sayWhatWasDone();
