// The page's one live connection, whichever of its parts asks for it first.
import { LiveSocket } from './chat/socket.js';

let line = null;

/** This will give the page's line; whoever listens to it calls its `connect`, which does nothing while it is open. */
export function pageLine() {
  line ??= new LiveSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/`);
  return line;
}
