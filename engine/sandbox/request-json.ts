import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { refuse } from './model/answer.ts'

/** The deepest message that Google's APIs read. */
const DEEPEST = 100

/** Parses the JSON object in a request's body, as strictly as Google's APIs; an empty body is an empty object. */
export function parseBody(text: string): JsonObject {
  if (text.trim() === '') return {}
  refuseDeep(text)
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return refuse(400, 'Invalid JSON payload received. The body is not JSON.')
  }
  refuseTwice(text)
  return isJsonObject(body) ? body : refuse(400, 'Invalid JSON payload received. An object was expected.')
}

function refuseDeep(text: string): void {
  let depth = 0
  for (const { mark } of marksIn(text)) {
    if (mark === '{' || mark === '[') depth++
    else if (mark === '}' || mark === ']') depth--
    if (depth > DEEPEST) refuse(400, `Message too deep. Max recursion depth ${DEEPEST} reached.`)
  }
}

/** Refuses an object with a duplicate name: `JSON.parse` would silently keep only the last one. */
function refuseTwice(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const { mark, start, end } of marksIn(text)) {
    if (mark === '{') open.push(new Set())
    else if (mark === '[') open.push(undefined)
    else if (mark === '}' || mark === ']') open.pop()
    else if (mark === '"') last = text.slice(start, end)
    else {
      const name = JSON.parse(last) as string
      if (open.at(-1)?.has(name)) refuse(400, `Invalid JSON payload received. Duplicate name ${JSON.stringify(name)}.`)
      open.at(-1)?.add(name)
    }
  }
}

type Mark = { mark: string; start: number; end: number }

/** Yields the brackets, strings and colons of a JSON text in order, without recursion, since the text may be of any depth. */
function* marksIn(text: string): Generator<Mark> {
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]!
    if (mark === '"') {
      const end = endOfString(text, at)
      yield { mark, start: at, end }
      at = end - 1
    } else if ('{}[]:'.includes(mark)) yield { mark, start: at, end: at + 1 }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}
