// How much work one text may make: rules counted as they run, as apps/chat/engine/grammar/budget.py counts them.
const MAX_STEPS = 50_000;
const BLOCK_STEPS = 4;
const LINE_STEPS = 2;
const HOPS_A_STEP = 24;
const ADDRESS_STEPS = 6;
const DELIMITERS = /^[-:|][-:| \t]*$/;

export class TooComplex extends Error {}

/** This will count work against the text's budget. Throws TooComplex. */
export function spend(env, steps) {
  env.steps = (env.steps ?? 0) + steps;
  if (env.steps > MAX_STEPS) throw new TooComplex();
}

/** This will make every rule of the parser count what it costs. */
export function installBudget(md) {
  md.inline.ruler.before('text', 'budget', (state) => {
    spend(state.env, 1);
    return false;
  });
  const countBlock = (state, startLine, endLine, isSilent) => {
    spend(state.env, isSilent ? LINE_STEPS : BLOCK_STEPS + state.level);
    return false;
  };
  md.block.ruler.before('table', 'budget', countBlock, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  countTables(md);
  countAddresses(md);
  countLabels(md);
}

function ruleOf(ruler, name) {
  return ruler.__rules__.find((rule) => rule.name === name).fn;
}

/** A short line of delimiters can ask for very many cells, also where none are written. */
function countTables(md) {
  const table = ruleOf(md.block.ruler, 'table');
  const counted = (state, startLine, endLine, isSilent) => {
    const columns = !isSilent && startLine + 2 <= endLine ? columnsBelow(state, startLine) : 0;
    for (let last = startLine + 2; columns && last < endLine && !state.isEmpty(last); last += 1) spend(state.env, columns);
    return table(state, startLine, endLine, isSilent);
  };
  md.block.ruler.at('table', counted, { alt: ['paragraph', 'reference'] });
}

function columnsBelow(state, line) {
  const header = state.src.slice(state.bMarks[line], state.eMarks[line]);
  const below = state.src.slice(state.bMarks[line + 1] + state.tShift[line + 1], state.eMarks[line + 1]);
  return header.includes('|') && DELIMITERS.test(below) ? below.split('|').length : 0;
}

function countAddresses(md) {
  const autolink = ruleOf(md.inline.ruler, 'autolink');
  md.inline.ruler.at('autolink', (state, isSilent) => {
    const isLink = autolink(state, isSilent);
    if (isLink) spend(state.env, ADDRESS_STEPS);
    return isLink;
  });
}

function countLabels(md) {
  const { parseLinkLabel } = md.helpers;
  const counted = (state, start, disableNested) => {
    const end = parseLinkLabel(state, start, disableNested);
    spend(state.env, 1 + Math.floor(((end >= 0 ? end : state.posMax) - start) / HOPS_A_STEP));
    return end;
  };
  md.helpers = { ...md.helpers, parseLinkLabel: counted };
}
