// Task lists: an item that begins with `[ ]` or `[x]` gets a class, and the page draws the box; as apps/chat/engine/grammar/tasks.py.
const BOX = /^\[([ xX])\][ \t\n]+(?=[^ \t\n])/;

/** This will teach the parser task lists. */
export function installTasks(md) {
  md.core.ruler.before('inline', 'tasks', ({ tokens }) => {
    for (let at = 2; at < tokens.length; at += 1) {
      const [item, paragraph, inline] = [tokens[at - 2], tokens[at - 1], tokens[at]];
      if (inline.type !== 'inline' || item.type !== 'list_item_open' || paragraph.type !== 'paragraph_open') continue;
      const box = BOX.exec(inline.content);
      if (!box) continue;
      item.attrSet('class', box[1] === ' ' ? 'task' : 'task done');
      inline.content = inline.content.slice(box[0].length);
    }
  });
}
