import { stringify } from 'yaml'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { inOrder } from './json-text.ts'

/** An API's error answer, worded as gcloud words it. */
export class ApiError extends Error {
  readonly status: number
  constructor(status: number, url: string, body: string) {
    super(wording(status, url, body))
    this.status = status
  }
}

/** Words an error as gcloud does: what failed and on which resource, the API's message, then links. */
function wording(status: number, url: string, body: string): string {
  if (status >= 500)
    return `HttpError accessing <${url}>: response: <{'status': ${status}}>, content <${body}>\nThis may be due to network connectivity issues. Please check your network settings, and the status of the service you are trying to reach.`
  const error = errorIn(body)
  const apiMessage = error ? withFullStop(status, String(error.message ?? '')) : body
  const what = describe(status, url, String(error?.status ?? ''))
  return [
    apiMessage === '' ? what : `${what}: ${apiMessage}`,
    ...links(error?.details),
    ...otherDetails(error?.details),
  ].join('\n')
}

function errorIn(body: string): JsonObject | undefined {
  try {
    const json = JSON.parse(body) as Json
    return isJsonObject(json) && isJsonObject(json.error) ? json.error : undefined
  } catch {
    return undefined
  }
}

/** Ends the message with a full stop, as gcloud does before it names the login it used. */
const withFullStop = (status: number, message: string): string =>
  [401, 403, 404].includes(status) && message !== '' && !message.endsWith('.') ? `${message}.` : message

function describe(status: number, url: string, word: string): string {
  const item = itemOf(url)
  if (item && status === 403)
    return `[None] does not have permission to access ${item.collection} instance [${item.name}] (or it may not exist)`
  if (item && status === 404) return `${capital(item.collection)} instance [${item.name}] not found`
  if (item && status === 409)
    return item.collection === 'projects'
      ? `Resource in projects [${item.name}] is the subject of a conflict`
      : `${capital(item.collection)} instance [${item.name}] is the subject of a conflict`
  return word === '' ? `HTTPError ${status}` : word
}

/** Returns the resource in a URL as gcloud sees it: two or three segments after the API's version. */
function itemOf(url: string): { collection: string; name: string } | undefined {
  const parts = url.replace(/^.*?\/v1\//, '').split('/')
  const [collection, name] = parts
  if (collection === undefined || name === undefined || parts.length > 3) return undefined
  return { collection, name: name.split('?')[0]! }
}

function links(details: Json | undefined): string[] {
  const all = (Array.isArray(details) ? details : []).flatMap((detail) =>
    isJsonObject(detail) && Array.isArray(detail.links) ? detail.links : [],
  )
  return all.filter(isJsonObject).flatMap((link) => [String(link.description ?? ''), String(link.url ?? '')])
}

/** Formats the remaining details as YAML. */
function otherDetails(details: Json | undefined): string[] {
  const list = (Array.isArray(details) ? details : []).filter((each) => isJsonObject(each) && each.links === undefined)
  return list.length === 0 ? [] : [stringify(inOrder(list), { singleQuote: true, indentSeq: false }).trimEnd()]
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
