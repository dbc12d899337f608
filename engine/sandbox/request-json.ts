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
  for (const { token } of tokensIn(text)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    if (depth > DEEPEST) refuse(400, `Message too deep. Max recursion depth ${DEEPEST} reached.`)
  }
}

/** Refuses an object with a duplicate name: `JSON.parse` would silently keep only the last one. */
function refuseTwice(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const { token, start, end } of tokensIn(text)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === '"') last = text.slice(start, end)
    else {
      const name = JSON.parse(last) as string
      if (open.at(-1)?.has(name)) refuse(400, `Invalid JSON payload received. Duplicate name ${JSON.stringify(name)}.`)
      open.at(-1)?.add(name)
    }
  }
}

type Token = { token: string; start: number; end: number }

/** Yields the brackets, strings and colons of a JSON text in order, without recursion, since the text may be of any depth. */
function* tokensIn(text: string): Generator<Token> {
  for (let at = 0; at < text.length; at++) {
    const token = text[at]!
    if (token === '"') {
      const end = endOfString(text, at)
      yield { token, start: at, end }
      at = end - 1
    } else if ('{}[]:'.includes(token)) yield { token, start: at, end: at + 1 }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}
