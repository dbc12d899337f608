import type { JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import { type ApiMethod, withoutVersion } from './apis/description.ts'
import { inForm } from './apis/errors.ts'
import { withoutCredentials } from './apis/fields.ts'
import type { FoundMethod } from './apis/find-method.ts'
import { answerByShape, type Shaped } from './apis/shapes.ts'
import { requireToken } from './auth.ts'
import { copyOf } from './dry-run.ts'
import { googleErrors } from './faults/errors.ts'
import { injectFault, type Reply } from './faults/inject-fault.ts'
import {
  answerOf,
  type Cloud,
  committed,
  encoded,
  execute,
  isAudited,
  type Request,
  type RequestFacts,
  refusalOf,
  withFault,
} from './handling.ts'
import { applyAt } from './late.ts'
import { type Answer, refuse } from './model/answer.ts'
import { auditedResource } from './model/api.ts'
import type { Call } from './model/call.ts'
import { mutates } from './model/methods.ts'
import type { Project, World } from './model/world.ts'
import { notDescribed } from './not-simulated.ts'
import { type RequestForm, readRequest } from './request-form.ts'
import { destinationOf, isOfSimulated } from './routing.ts'
import { audit, OPERATOR } from './services/audit-log.ts'

/** Answers a request to a method that only the SDK describes, by what all of Google's APIs share. */
export function handleDescribed(
  cloud: Cloud,
  request: Request,
  onLate: (committed: boolean) => void,
): { facts: RequestFacts; reply: Reply } | undefined {
  const { world } = cloud
  const { url, verb, found, headers } = request
  if (!found || isOfSimulated(found.api.api, found.method)) return undefined
  const { api, method, path } = found
  const named = /projects\/([^/:]+)/.exec(path)?.[1] ?? url.searchParams.get('project') ?? undefined
  const project =
    world.projects.find(({ id, number }) => named === id || named === number) ?? ownerOf(world, api.api, path)
  const ownPath = project ? path.replace(/projects\/[^/:]+/, `projects/${project.id}`) : path
  const resource = resourceIn(method, ownPath)
  const facts: RequestFacts = {
    ...{ service: api.api, rpc: method.id, resource },
    mutating: verb !== 'GET' && mutates(method.id),
    ...(project ? { project: project.id } : {}),
  }
  let read: { query: URLSearchParams; body: JsonObject } = { query: url.searchParams, body: {} }
  const refusal = refusalOf(() => {
    requireToken(api.api, headers.authorization, cloud.token)
    if (facts.mutating && named !== undefined && named !== '-' && project === undefined)
      refuse(403, `Permission denied on project ${named} (or it may not exist).`)
    if (request.unreadable !== undefined) refuse(400, request.unreadable)
    // Clients post an empty object where a method takes no body.
    const isEmpty = method.body === undefined && verb === 'POST' && /^\s*\{\s*\}\s*$/.test(request.body)
    read = readRequest(formOfDescribed(found), { query: url.searchParams, headers, body: isEmpty ? '' : request.body })
  })
  if (refusal) return { facts: committed(facts, false), reply: { kind: 'answer', answer: inForm(api.api, refusal) } }
  const body = withoutCredentials(read.body)
  const dryRun =
    facts.mutating && /^true$/i.test(String(read.query.get('validateOnly') ?? read.body.validateOnly ?? ''))
  let shaped: Shaped | undefined
  const commit = (): Answer =>
    answerOf(() => {
      shaped = answerByShape(dryRun ? copyOf(world).shapes : world.shapes, {
        ...{ api, method, query: read.query, projects: world.projects, path: ownPath, body },
        simulates: (name) => existsIn(world, api.api, name),
        ...{ user: OPERATOR, now: world.clock.now(), random: world.random },
      })
      return shaped.how === 'refused' ? notDescribed(api.api, method.id) : encoded(shaped.answer, request)
    })
  const changed = () => !dryRun && shaped !== undefined && shaped.how !== 'refused' && shaped.changed
  const written = (answer: Answer): void => {
    if (!project || dryRun || !facts.mutating || !isAudited(answer)) return
    const resourceName = withoutVersion(ownPath)
    const at = { methodName: method.id, resourceName, resource: auditedResource(project.id, api.api, method.id) }
    const caller = { principal: OPERATOR, userAgent: headers['user-agent'] ?? '' }
    audit(project, { ...at, service: api.api, permission: method.id, request: body }, caller, answer, request.at)
  }
  const subject = { service: api.api, method: method.id, resource, ...(project && { project: project.id }) }
  const errors = googleErrors({ ...subject, number: project?.number ?? '' })
  const fault = cloud.faults.take(subject)
  const result = injectFault(fault, {
    commit,
    commitLater: (ms) =>
      applyAt(world, world.clock.now() + ms, () => {
        written(commit())
        onLate(changed())
      }),
    writeConcurrently: () => {},
    errors: {
      status: (given) => inForm(api.api, errors.status(given)),
      apiDisabled: () => inForm(api.api, errors.apiDisabled()),
      orgPolicy: (constraint) => inForm(api.api, errors.orgPolicy(constraint)),
    },
  })
  if (result.own && (shaped === undefined || shaped.how !== 'refused')) written(result.own)
  const done = shaped as Shaped | undefined
  const how = { ...(done && { answered: done.how }), ...(dryRun && { dryRun: true as const }) }
  const missing = done?.how === 'refused' ? { notSimulated: method.id } : {}
  return { facts: committed(withFault({ ...facts, ...how, ...missing }, fault), changed()), reply: result.reply }
}

/** Returns the project of a path that leaves it out (`projects/-/serviceAccounts/EMAIL`), if its API finds it. */
function ownerOf(world: World, service: string, path: string): Project | undefined {
  const email = /^.*\/projects\/-\/serviceAccounts\/([^/:]+)/.exec(path)?.[1]
  return email === undefined
    ? undefined
    : world.projects.find(({ accounts }) => service === 'iam' && accounts.has(email))
}

/** Returns the last name in a path, which faults and the log call its resource. */
const resourceIn = ({ path: pattern }: ApiMethod, path: string): string => {
  const at = pattern.split('/').findLastIndex((part) => part.startsWith('{'))
  return path.split('/')[at]?.replace(/:\w+$/, '') ?? ''
}

/** Returns whether a resource that the sandbox simulates itself exists, by reading it; undefined if it simulates none of that name. */
function existsIn(world: World, service: string, name: string): boolean | undefined {
  const url = new URL(`http://${service}.sandbox/v1/${name}`)
  const destination = destinationOf(world, 'GET', url)
  if (destination.kind !== 'api') return undefined
  const { match } = destination
  const call: Call = { path: url.pathname, params: match.params, query: url.searchParams, body: {} }
  return answerOf(() => execute(world, match, call)).status < 400
}

/** Returns how to read a request to a described method. */
const formOfDescribed = ({ api, method }: FoundMethod): RequestForm => ({
  service: api.api,
  methodId: method.id,
  shape: method,
  fieldsOf: (type) => own(api.types, type),
  numbers: true,
})
