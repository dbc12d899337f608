import type { Json } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'

const NOISE =
  /This command is authenticated with [\s\S]*$|If you would like to report this issue.*|To check gcloud for common problems.*|gcloud (feedback|info --run-diagnostics)\s*$/

/** Extracts the error from gcloud's output as one line, without advice, in words that a person can use. */
export function errorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(NOISE, '').trim())
    .filter((line) => line !== '')
  const [named, any] = ['ERROR: (gcloud', 'ERROR:'].map((mark) => lines.findIndex((line) => line.startsWith(mark)))
  const first = named === -1 ? any! : named!
  const text = lines
    .slice(first < 0 ? -3 : first)
    .join(' ')
    .replace(/^ERROR: /, '')
  return plainer(text).slice(0, 600).toWellFormed()
}

/** Matches a web page instead of JSON: a proxy's or a network's, never Google's. */
const PAGE = /^gcloud crashed \(InvalidDataFromServerError\): Error decoding response "\s*<(!doctype|html)[\s\S]*/i

/** Matches an error that doesn't name the missing permission; the method that gcloud called implies it. */
const UNNAMED =
  /^.* projects instance \[[^\][:]+:((?:get|set)IamPolicy)\] \(or it may not exist\): The caller does not have permission/

/** Matches the API's details, which gcloud prints as YAML after the message, and the constraint in them. */
const DETAILS = / - '@type': type\.googleapis\.com[\s\S]*/
const CONSTRAINT = /\btype: (constraints\/[\w.]+)/

/** Matches a sandbox's answer to a call that it doesn't simulate. */
const NOT_SIMULATED = /^.*?\bthe sandbox does not simulate (.{1,300}?)\.(?=["> ]|$).*$/is

const plainer = (text: string): string =>
  withoutQuoted(withoutDetails(text))
    .replace(NOT_SIMULATED, 'the sandbox does not simulate $1')
    .replace(
      PAGE,
      'gcloud got a web page instead of an API response, probably from a proxy or a sign-in page: sign in or bypass it, then run this command again',
    )
    .replace(UNNAMED, '$&: missing permission resourcemanager.projects.$1')

function withoutDetails(text: string): string {
  const constraint = CONSTRAINT.exec(text)?.[1]
  return text.replace(DETAILS, constraint === undefined ? '' : ` It violates ${constraint}.`)
}

/** Replaces an error that gcloud quotes in full with its status and the message in its body. */
function withoutQuoted(text: string): string {
  const start = text.indexOf('HttpError accessing <')
  const response = text.indexOf('>: response: <{', start)
  const content = text.indexOf('}>, content <', response)
  if (start < 0 || response < start || content < response) return text
  const body = content + '}>, content <'.length
  const status = /'status': (\d{1,5})/.exec(text.slice(response, content))?.[1]
  const advice = text.indexOf('> This may be', body)
  const end = advice < 0 && text.endsWith('>') ? text.length - 1 : advice
  if (status === undefined || end < body) return text
  return `${text.slice(0, start)}HTTP ${status}: ${messageIn(text.slice(body, end))}${text.slice(end + 1)}`
}

function messageIn(body: string): string {
  try {
    const json = JSON.parse(body) as Json
    const message = isJsonObject(json) && isJsonObject(json.error) ? json.error.message : undefined
    if (typeof message === 'string') return message
  } catch {}
  return body
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}
