/** A character that looks like one a command needs: its position in UTF-16 units, its name, and what to write instead. */
export type LookAlike = { start: number; end: number; name: string; write: string }

type Known = { name: string; write: string; kind: 'dash' | 'quote' | 'other' }

const KNOWN: ReadonlyMap<string, Known> = new Map([
  ...named('dash', '-', {
    '\u2010': 'HYPHEN',
    '\u2011': 'NON-BREAKING HYPHEN',
    '\u2012': 'FIGURE DASH',
    '\u2013': 'EN DASH',
    '\u2014': 'EM DASH',
    '\u2015': 'HORIZONTAL BAR',
    '\u2043': 'HYPHEN BULLET',
    '\u2212': 'MINUS SIGN',
    '\ufe58': 'SMALL EM DASH',
    '\ufe63': 'SMALL HYPHEN-MINUS',
    '\uff0d': 'FULLWIDTH HYPHEN-MINUS',
    '\u2e3a': 'TWO-EM DASH',
  }),
  ...named('quote', "'", {
    '\u2018': 'LEFT SINGLE QUOTATION MARK',
    '\u2019': 'RIGHT SINGLE QUOTATION MARK',
    '\u201a': 'SINGLE LOW-9 QUOTATION MARK',
    '\u201b': 'SINGLE HIGH-REVERSED-9 QUOTATION MARK',
    '\u2032': 'PRIME',
    '\u00b4': 'ACUTE ACCENT',
    '\u02bc': 'MODIFIER LETTER APOSTROPHE',
    '\u2039': 'SINGLE LEFT-POINTING ANGLE QUOTATION MARK',
    '\u203a': 'SINGLE RIGHT-POINTING ANGLE QUOTATION MARK',
  }),
  ...named('quote', '"', {
    '\u201c': 'LEFT DOUBLE QUOTATION MARK',
    '\u201d': 'RIGHT DOUBLE QUOTATION MARK',
    '\u201e': 'DOUBLE LOW-9 QUOTATION MARK',
    '\u201f': 'DOUBLE HIGH-REVERSED-9 QUOTATION MARK',
    '\u2033': 'DOUBLE PRIME',
    '\u00ab': 'LEFT-POINTING DOUBLE ANGLE QUOTATION MARK',
    '\u00bb': 'RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK',
  }),
  ...named('other', ' ', {
    '\u00a0': 'NO-BREAK SPACE',
    '\u1680': 'OGHAM SPACE MARK',
    '\u2000': 'EN QUAD',
    '\u2001': 'EM QUAD',
    '\u2002': 'EN SPACE',
    '\u2003': 'EM SPACE',
    '\u2004': 'THREE-PER-EM SPACE',
    '\u2005': 'FOUR-PER-EM SPACE',
    '\u2006': 'SIX-PER-EM SPACE',
    '\u2007': 'FIGURE SPACE',
    '\u2008': 'PUNCTUATION SPACE',
    '\u2009': 'THIN SPACE',
    '\u200a': 'HAIR SPACE',
    '\u202f': 'NARROW NO-BREAK SPACE',
    '\u205f': 'MEDIUM MATHEMATICAL SPACE',
    '\u3000': 'IDEOGRAPHIC SPACE',
  }),
  ...named('other', '', {
    '\u00ad': 'SOFT HYPHEN',
    '\u034f': 'COMBINING GRAPHEME JOINER',
    '\u180e': 'MONGOLIAN VOWEL SEPARATOR',
    '\u200b': 'ZERO WIDTH SPACE',
    '\u200c': 'ZERO WIDTH NON-JOINER',
    '\u200d': 'ZERO WIDTH JOINER',
    '\u200e': 'LEFT-TO-RIGHT MARK',
    '\u200f': 'RIGHT-TO-LEFT MARK',
    '\u2060': 'WORD JOINER',
    '\u2063': 'INVISIBLE SEPARATOR',
    '\ufe0f': 'VARIATION SELECTOR-16',
    '\ufeff': 'ZERO WIDTH NO-BREAK SPACE (byte order mark)',
  }),
  ...named('other', '...', { '\u2026': 'HORIZONTAL ELLIPSIS' }),
  ...named('other', '/', { '\u2044': 'FRACTION SLASH', '\u2215': 'DIVISION SLASH' }),
  ...named('other', ':', { '\u2236': 'RATIO', '\ua789': 'MODIFIER LETTER COLON' }),
  ...named('other', ',', { '\u066b': 'ARABIC DECIMAL SEPARATOR', '\u3001': 'IDEOGRAPHIC COMMA' }),
  ...named('other', '.', { '\u2024': 'ONE DOT LEADER', '\u3002': 'IDEOGRAPHIC FULL STOP' }),
  ...named('other', '=', { '\ua78a': 'MODIFIER LETTER SHORT EQUALS SIGN' }),
  ...named('other', '*', { '\u2217': 'ASTERISK OPERATOR' }),
  ...named('other', '_', { '\u02cd': 'MODIFIER LETTER LOW MACRON' }),
  ...letters(
    'CYRILLIC SMALL LETTER',
    'aаA eеIE oоO pрER cсES xхHA yуU iіBYELORUSSIAN-UKRAINIAN_I jјJE sѕDZE hһSHHA dԁKOMI_DE qԛQA wԝWE lӏPALOCHKA',
  ),
  ...letters(
    'CYRILLIC CAPITAL LETTER',
    'AАA BВVE EЕIE KКKA MМEM HНEN OОO PРER CСES TТTE XХHA SЅDZE IІBYELORUSSIAN-UKRAINIAN_I JЈJE YҮSTRAIGHT_U',
  ),
  ...letters('GREEK SMALL LETTER', 'aαALPHA iιIOTA kκKAPPA vνNU oοOMICRON pρRHO uυUPSILON'),
  ...letters(
    'GREEK CAPITAL LETTER',
    'AΑALPHA BΒBETA EΕEPSILON ZΖZETA HΗETA IΙIOTA KΚKAPPA MΜMU NΝNU OΟOMICRON PΡRHO TΤTAU YΥUPSILON XΧCHI',
  ),
  ...letters('LATIN SMALL LETTER', 'iıDOTLESS_I gɡSCRIPT_G aɑALPHA'),
])

function named(kind: Known['kind'], write: string, names: Record<string, string>): [string, Known][] {
  return Object.entries(names).map(([character, name]) => [character, { name, write, kind }])
}

/** Parses entries such as `oоO`: the letter to write, the letter that looks like it, and the name of the latter. */
function letters(script: string, entries: string): [string, Known][] {
  return entries.split(' ').map((entry) => {
    const [write = '', character = '', ...name] = entry
    return [character, { name: `${script} ${name.join('').replaceAll('_', ' ')}`, write, kind: 'other' }]
  })
}

const DIGITS = 'ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE'.split(' ')
const SIGNS: Record<string, string> = {
  ...{ '!': 'EXCLAMATION MARK', '"': 'QUOTATION MARK', '#': 'NUMBER SIGN', $: 'DOLLAR SIGN', '%': 'PERCENT SIGN' },
  ...{ '&': 'AMPERSAND', "'": 'APOSTROPHE', '(': 'LEFT PARENTHESIS', ')': 'RIGHT PARENTHESIS', '*': 'ASTERISK' },
  ...{ '+': 'PLUS SIGN', ',': 'COMMA', '.': 'FULL STOP', '/': 'SOLIDUS', ':': 'COLON', ';': 'SEMICOLON' },
  ...{ '<': 'LESS-THAN SIGN', '=': 'EQUALS SIGN', '>': 'GREATER-THAN SIGN', '?': 'QUESTION MARK' },
  ...{ '@': 'COMMERCIAL AT', '[': 'LEFT SQUARE BRACKET', '\\': 'REVERSE SOLIDUS', ']': 'RIGHT SQUARE BRACKET' },
  ...{ '^': 'CIRCUMFLEX ACCENT', _: 'LOW LINE', '`': 'GRAVE ACCENT', '{': 'LEFT CURLY BRACKET' },
  ...{ '|': 'VERTICAL LINE', '}': 'RIGHT CURLY BRACKET', '~': 'TILDE' },
}

/** Returns what is known about a character. Full-width forms have the order of ASCII. */
function knownOf(character: string): Known | undefined {
  const known = KNOWN.get(character)
  const point = character.codePointAt(0) ?? 0
  if (known !== undefined || point < 0xff01 || point > 0xff5e) return known
  const write = String.fromCodePoint(point - 0xfee0)
  const size = write === write.toUpperCase() ? 'CAPITAL' : 'SMALL'
  const name = /[0-9]/.test(write)
    ? `DIGIT ${DIGITS[Number(write)]}`
    : (SIGNS[write] ?? `LATIN ${size} LETTER ${write.toUpperCase()}`)
  return { name: `FULLWIDTH ${name}`, write, kind: 'other' }
}

/**
 * Finds the look-alike characters in an argument. In prose, or in text that is not ASCII otherwise, only those that cannot be
 * intended count: a dash at the start of a flag, or quotes around the whole argument.
 */
export function lookAlikes(argument: string): LookAlike[] {
  // Most arguments are ASCII.
  if (/^[\0-\x7e]*$/.test(argument)) return []
  const equals = argument.search(/[=＝]/)
  const isFlag = /^[-\p{Pd}\u2212]/u.test(argument)
  const parts = isFlag && equals > 0 ? [argument.slice(0, equals + 1), argument.slice(equals + 1)] : [argument]
  let offset = 0
  return parts.flatMap((part) => {
    const found = inPart(part).map(({ start, end, ...rest }) => ({ start: start + offset, end: end + offset, ...rest }))
    offset += part.length
    return found
  })
}

function inPart(part: string): LookAlike[] {
  const found = [...part.matchAll(/[^\0-\x7e]/gu)].flatMap(({ 0: character, index }) => {
    const known = knownOf(character)
    return known === undefined ? [] : [{ start: index, end: index + character.length, character, ...known }]
  })
  const isOther = /[^\0-\x7e]/u.test(replaced(part, found))
  const isProse = /[ \t\n]/.test(part)
  const meant = found.filter(({ kind, start, end }) => {
    if (kind === 'dash' && start === 0 && /^\p{L}/u.test(part.slice(end))) return true
    if (kind === 'quote' && (start === 0 || end === part.length)) return true
    const isApostrophe = kind === 'quote' && /\p{L}$/u.test(part.slice(0, start)) && /^\p{L}/u.test(part.slice(end))
    return !isOther && !isProse && !isApostrophe
  })
  return meant.map(({ start, end, kind, character, name, write }) => ({
    start,
    end,
    name: `${name} (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`,
    write: kind === 'dash' && start === 0 && /^\p{L}{2}/u.test(part.slice(end)) ? '--' : write,
  }))
}

/** Replaces the look-alikes in a text with the characters they look like. */
export const withoutLookAlikes = (text: string): string =>
  text.replaceAll(/[^\0-\x7e]/gu, (character) => knownOf(character)?.write ?? character)

function replaced(text: string, found: { start: number; end: number; write: string }[]): string {
  return found.reduceRight((all, { start, end, write }) => all.slice(0, start) + write + all.slice(end), text)
}

/** Returns the message and the hint for a look-alike. */
export const describeLookAlike = ({ name, write }: LookAlike): { message: string; hint: string } =>
  write === ''
    ? { message: `invisible character: ${name}`, hint: 'remove it' }
    : write === ' '
      ? { message: `this looks like a space but is ${name}`, hint: 'replace it with a space, or remove it' }
      : { message: `this looks like \`${write}\` but is ${name}`, hint: `replace it with \`${write}\`` }
