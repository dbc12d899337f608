import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import type { CloudChange } from '../run/model/events.ts'
import type { Resource } from '../steps/resource.ts'

/** A change in an audit log, the labels that alone identify the resource in some APIs, and whether it names a client. */
export type LoggedChange = { change: CloudChange; labels: Record<string, string>; namesClient: boolean }

/** The longest text taken from an entry. */
const LONGEST = 500

/** Breakglass's mark in the user agent of its gcloud, with the step's own mark if the call is for a step: `environment/breakglass-…`. */
const MARK = /(?:^| )environment\/(breakglass-[0-9a-f]{12}(?:-[0-9a-f]{8})?)(?= |,|$)/

/**
 * Reads a change from an entry of a project's Admin Activity log; undefined if it isn't one. Requests and responses are not
 * read: they may contain anything.
 */
export function readEntry(entry: Json, project: string): LoggedChange | undefined {
  const payload = objectIn(entry, 'protoPayload')
  const at = Date.parse(textIn(entry, 'timestamp'))
  if (Number.isNaN(at) || textIn(payload, 'methodName') === '') return undefined
  const code = objectIn(payload, 'status').code
  const client = textIn(objectIn(payload, 'requestMetadata'), 'callerSuppliedUserAgent')
  const mark = MARK.exec(client)?.[1]
  return {
    change: {
      id: textIn(entry, 'insertId'),
      at: new Date(at).toISOString(),
      project,
      service: textIn(payload, 'serviceName'),
      method: textIn(payload, 'methodName'),
      resource: textIn(payload, 'resourceName'),
      principal: textIn(objectIn(payload, 'authenticationInfo'), 'principalEmail'),
      ...(mark === undefined ? {} : { mark }),
      ...(typeof code === 'number' && code !== 0 ? { code } : {}),
    },
    namesClient: client !== '',
    labels: textsIn(objectIn(objectIn(entry, 'resource'), 'labels')),
  }
}

const textsIn = (object: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.keys(object).map((name) => [name, textIn(object, name)]))

const objectIn = (value: Json, name: string): JsonObject => {
  const found = isJsonObject(value) ? own(value, name) : undefined
  return isJsonObject(found) ? found : {}
}

function textIn(value: Json, name: string): string {
  const found = isJsonObject(value) ? own(value, name) : undefined
  return typeof found === 'string' ? found.slice(0, LONGEST).toWellFormed() : ''
}

/** Returns whether a change is about a resource: each API names its resources in its own way. */
export function isAbout({ change, labels }: LoggedChange, of: Resource): boolean {
  const { service, resource, project } = change
  if (project !== of.project) return false
  const parts = resource.split('/')
  switch (of.kind) {
    case 'service':
      return (
        service === 'run.googleapis.com' &&
        partAfter(parts, 'services') === of.name &&
        (of.region === undefined || !labels.location || labels.location === of.region)
      )
    case 'secret':
      return service === 'secretmanager.googleapis.com' && partAfter(parts, 'secrets') === of.name
    case 'policy':
      return service === 'cloudresourcemanager.googleapis.com' && parts.length === 2
    case 'account':
      return (
        service === 'iam.googleapis.com' &&
        (labels.email_id === of.email || partAfter(parts, 'serviceAccounts') === of.email)
      )
    case 'api':
      return service === 'serviceusage.googleapis.com' && partAfter(parts, 'services') === of.name
    case 'unknown':
      return [...parts, ...Object.values(labels)].some((part) => part !== project && of.words.includes(part))
  }
}

/** Returns the name that follows a collection in a resource's name: names come in pairs, and a name may equal a collection. */
const partAfter = (parts: string[], collection: string): string | undefined =>
  parts.find((_, at) => at % 2 === 1 && parts[at - 1] === collection)
