import { type Part, readStatements, type ShellWord, type Statement } from '../base/shell-words.ts'

/** A loop around a command: its variable and its items. */
export type Loop = { variable: string; items: ShellWord[] }

/** A gcloud command in a script (its words without `gcloud`) and its context. */
export type ScriptCommand = { words: ShellWord[]; line: number; loops: Loop[]; conditional: boolean; piped: boolean }

/** The gcloud commands and the variables of a script, and the other lines. */
export type Script = { commands: ScriptCommand[]; variables: Map<string, ShellWord[]>; otherLines: number[] }

/** Reads the gcloud commands in a shell script. Runs nothing. */
export function readScript(text: string): Script {
  const script: Script = { commands: [], variables: new Map(), otherLines: [] }
  const around: ('condition' | Loop)[] = []
  for (const statement of readStatements(text)) readStatement(statement, script, around)
  return script
}

function readStatement(statement: Statement, script: Script, around: ('condition' | Loop)[]): void {
  const words = [...statement.words]
  for (let first = literal(words[0]); first !== undefined; first = literal(words[0])) {
    if (first === 'for') {
      around.push({ variable: literal(words[1]) ?? '', items: words.slice(3) })
      return
    }
    if (/^(if|while|until|case)$/.test(first)) around.push('condition')
    else if (/^(fi|done|esac)$/.test(first)) around.pop()
    else if (!/^(do|then|else|elif|!|\{|\}|time|sudo|exec|command|export|readonly|local|declare|env)$/.test(first))
      break
    words.shift()
  }
  while (isAssignment(words[0])) {
    const assignment = words.shift() ?? []
    const [name = '', value] = splitAssignment(assignment)
    // The items of an array follow its name as separate words.
    const items = value.length === 0 && words.length > 0 ? words.splice(0) : [value]
    script.variables.set(name, items)
  }
  const [first] = words
  if (first === undefined) return
  if (literal(first) !== 'gcloud') {
    if (!QUIET.test(literal(first) ?? '')) script.otherLines.push(statement.line)
    return
  }
  const loops = around.filter((each) => each !== 'condition')
  const conditional = statement.chained || around.includes('condition')
  script.commands.push({ words: words.slice(1), line: statement.line, loops, conditional, piped: statement.piped })
}

/** Matches commands that change nothing outside the script. */
const QUIET = /^(set|echo|printf|cd|source|\.|trap|shift|exit|return|true|:|sleep|cat|done|fi|;;|\w+\))$/

/** Returns the text of a word without variables or substitutions. */
export function literal(word: ShellWord | undefined): string | undefined {
  if (word === undefined) return undefined
  return word.every((part) => 'text' in part)
    ? word.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined
}

const isAssignment = (word: ShellWord | undefined): boolean => {
  const [first] = word ?? []
  return first !== undefined && 'text' in first && /^[A-Za-z_]\w*=/.test(first.text)
}

function splitAssignment(word: ShellWord): [name: string, value: ShellWord] {
  const [first, ...rest] = word
  const text = first && 'text' in first ? first.text : ''
  const at = text.indexOf('=')
  const value = text.slice(at + 1)
  return [text.slice(0, at), [...(value === '' ? [] : [{ text: value } satisfies Part]), ...rest]]
}
