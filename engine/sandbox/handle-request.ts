import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import { fieldsOf } from './api-methods.ts'
import { type ApiMethod, withoutVersion } from './apis/description.ts'
import { hasNumbers, withNumbers } from './apis/enums.ts'
import { inForm } from './apis/errors.ts'
import { withoutCredentials } from './apis/fields.ts'
import type { FoundMethod } from './apis/find-method.ts'
import { forgetPolicies } from './apis/policies.ts'
import { answerByShape, type Shaped } from './apis/shapes.ts'
import { projectOf, requireApi, requireToken } from './auth.ts'
import { copyOf, isDryRun } from './dry-run.ts'
import { githubErrors, googleErrors, webErrors } from './faults/errors.ts'
import { describeFault, type Faults } from './faults/faults.ts'
import { injectFault, type Reply } from './faults/inject-fault.ts'
import { applyAt } from './late.ts'
import { type Answer, errorAnswer, jsonAnswer, Refusal, refuse } from './model/answer.ts'
import { auditedResource, type Match } from './model/api.ts'
import { type Call, resourceOf } from './model/call.ts'
import type { Fault } from './model/fault.ts'
import { type GoogleService, mutates } from './model/methods.ts'
import type { RequestEntry } from './model/request-log.ts'
import type { CallEffects, Project, World } from './model/world.ts'
import { bySandbox, notSimulated, reasonFor, refuseUnsimulated } from './not-simulated.ts'
import { type RequestForm, readRequest } from './request-form.ts'
import { type Destination, destinationOf, formOf, isOfSimulated } from './routing.ts'
import { apiMethod } from './services/apis.ts'
import { audit, auditing, CONCURRENT_WRITER, OPERATOR } from './services/audit-log.ts'
import { webAnswer } from './services/web.ts'

/** A proxied request with its whole body. */
export type Request = {
  verb: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
  /** The SDK's method for it, if no simulated API answers. */
  found?: FoundMethod
  /** Why the body can't be read, if it can't. */
  unreadable?: string
  /** Arrival time in ms, by the caller's own clock. */
  at: number
}

/** The simulated cloud that requests reach. */
export type Cloud = { world: World; faults: Faults; token: string }

/** What the request log learns about a request from its destination. */
export type RequestFacts = Pick<
  RequestEntry,
  | 'service'
  | 'rpc'
  | 'resource'
  | 'mutating'
  | 'committed'
  | 'dryRun'
  | 'project'
  | 'fault'
  | 'answered'
  | 'notSimulated'
>

/** Handles a proxied request: finds its method, authorizes it, injects a fault if one is due, and changes the world. Calls `onLate` if the change happens only later. */
export function handleRequest(
  cloud: Cloud,
  request: Request,
  onLate: (committed: boolean) => void = () => {},
): { facts: RequestFacts; reply: Reply } {
  const destination = destinationOf(cloud.world, request.verb, request.url)
  if (destination.kind === 'not-simulated' || destination.kind === 'outside') {
    const shaped = handleDescribed(cloud, request, onLate)
    if (shaped) return shaped
  }
  switch (destination.kind) {
    case 'api':
      return handleApiRequest(cloud, request, destination, onLate)
    case 'web':
      return handleWebRequest(cloud, request, destination)
    case 'not-simulated': {
      const { service, what } = destination
      const answer = answerOf(() => {
        requireToken(service, request.headers.authorization, cloud.token)
        return notSimulated(service, what)
      })
      return {
        facts: { service, rpc: 'unknown', resource: request.url.pathname, mutating: false, notSimulated: what },
        // The header reaches callers without a login too, such as HTTP checks: they must not take this for a real answer.
        reply: { kind: 'answer', answer: bySandbox(answer, reasonFor(what)) },
      }
    }
    case 'outside':
      return {
        facts: outsideFacts(request.url.host),
        reply: { kind: 'answer', answer: outsideAnswer(request.url.host) },
      }
  }
}

/** Answers a request to a method that only the SDK describes, by what all of Google's APIs share. */
function handleDescribed(
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
      return shaped.how === 'refused' ? notSimulated(api.api, method.id) : encoded(shaped.answer, request)
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

/** Returns an answer with its enum values as the caller asked for them. */
function encoded(answer: Answer, { url, found }: Request): Answer {
  if (!found || !hasNumbers(url.searchParams) || answer.status >= 400 || answer.body === '') return answer
  const { api, method } = found
  return { ...answer, body: JSON.stringify(withNumbers(api, method.response, JSON.parse(answer.body) as JsonObject)) }
}

/** Returns the log's facts about a request to a host outside the sandbox. */
export const outsideFacts = (host: string): RequestFacts => ({
  service: 'outside',
  rpc: 'refused',
  resource: host,
  mutating: false,
})

/** Refuses a request to a host outside the sandbox. */
export const outsideAnswer = (host: string): Answer =>
  bySandbox(
    errorAnswer(403, `${host} is outside the sandbox: nothing was sent there.`),
    `${host} is outside the sandbox; nothing was sent there`,
  )

function handleApiRequest(
  cloud: Cloud,
  request: Request,
  { match, region }: Extract<Destination, { kind: 'api' }>,
  onLate: (committed: boolean) => void,
) {
  const { world } = cloud
  const { service, method } = match.route
  const google = service === 'github' ? undefined : service
  const resource = resourceOf(match.params)
  const facts: RequestFacts = { service, rpc: method, resource, mutating: mutates(method) }
  let project: Project | undefined
  let call: Call | undefined
  let dryRun = false
  const refusal = refusalOf(() => {
    requireToken(service, request.headers.authorization, cloud.token)
    call = parseCall(request, match, region)
    dryRun = facts.mutating && isDryRun(call.query, call.body)
    if ('handle' in match.route) project = projectOf(world, match)
    if (project && google) requireApi(project, google)
  })
  if (project) facts.project = project.id
  if (dryRun) facts.dryRun = true
  if (refusal) return { facts: committed(facts, false), reply: { kind: 'answer', answer: refusal } as const }
  const asked = call!
  const subject = { service, method, resource, ...(project && { project: project.id }) }
  const fault = cloud.faults.take(subject)
  const audit =
    project && google && facts.mutating ? auditWritersOf(project, google, match, request, asked.body) : undefined
  const commit = (effects?: CallEffects) =>
    answerOf(() => execute(dryRun ? copyOf(world) : world, match, { ...asked, ...(effects && { effects }) }))
  const result = injectFault(fault, {
    commit,
    commitLater: (ms) =>
      applyAt(world, world.clock.now() + ms, () => {
        const own = commit()
        audit?.ofCaller(own)
        onLate(own.status < 400)
      }),
    writeConcurrently(write) {
      if (!project) return
      const target = { resource, accountId: String(asked.body.accountId ?? '') }
      apiMethod(service, method)?.concurrentWriter?.write(world, project, target, write === true ? {} : write)
      audit?.ofConcurrentWriter()
    },
    errors: google ? googleErrors({ ...subject, service: google, number: project?.number ?? '' }) : githubErrors,
  })
  if (result.committed && request.verb === 'DELETE' && !dryRun && project)
    forgetPolicies(world.shapes, service, pathIn(project, request.url))
  if (result.own && isAudited(result.own) && !dryRun) audit?.ofCaller(result.own)
  const reply =
    result.reply.kind === 'answer' ? { ...result.reply, answer: encoded(result.reply.answer, request) } : result.reply
  return { facts: committed(withFault(facts, fault), result.committed && !dryRun), reply }
}

/** Returns a request's path from behind its version on, with the project's id. */
const pathIn = ({ id, number }: Project, { pathname }: URL): string =>
  withoutVersion(decodeURIComponent(pathname)).replace(`projects/${number}/`, `projects/${id}/`)

/** Returns the functions that write a call, and a concurrent writer's change just before it, to the project's audit log. */
function auditWritersOf(
  project: Project,
  service: GoogleService,
  { route: { method }, params }: Match,
  request: Request,
  body: JsonObject,
) {
  const call = { service, method, params, body }
  const { accountId } = call.body
  const ofConcurrentWriter = { ...call, body: accountId === undefined ? {} : { accountId } }
  const caller = { principal: OPERATOR, userAgent: request.headers['user-agent'] ?? '' }
  return {
    ofCaller: auditing(project, call, caller, request.at),
    ofConcurrentWriter: auditing(project, ofConcurrentWriter, CONCURRENT_WRITER, request.at),
  }
}

/** Returns whether a call gets an audit log entry: not without a login, nor over quota. */
const isAudited = ({ status }: Answer): boolean => status !== 401 && status !== 429

const withFault = (facts: RequestFacts, fault: Fault | undefined): RequestFacts =>
  fault === undefined ? facts : { ...facts, fault: describeFault(fault) }

/** Adds to the facts of a mutating request whether the change was made. */
const committed = (facts: RequestFacts, done: boolean): RequestFacts =>
  facts.mutating ? { ...facts, committed: done } : facts

function execute(world: World, match: Match, call: Call): Answer {
  const { route } = match
  return jsonAnswer(
    'handleAll' in route ? route.handleAll(world, call) : route.handle(world, projectOf(world, match), call),
  )
}

/** Parses a request for its method; refuses a request whose form the API doesn't accept. */
function parseCall(request: Request, { route, params }: Match, region?: string): Call {
  const { url, headers, body, unreadable, found } = request
  if (unreadable !== undefined) refuse(400, unreadable)
  const at = { path: url.pathname, params, ...(region !== undefined && { region }) }
  const form = formOf(route)
  if (form)
    return {
      ...at,
      ...readRequest(
        { service: route.service, ...form, fieldsOf, numbers: found !== undefined },
        { query: url.searchParams, headers, body },
      ),
    }
  if (headers['x-http-method-override'] !== undefined) refuseUnsimulated(route.service, 'X-HTTP-Method-Override')
  return { ...at, query: url.searchParams, body: {} }
}

function handleWebRequest(
  cloud: Cloud,
  { verb, url }: Request,
  { project, service }: Extract<Destination, { kind: 'web' }>,
) {
  const resource = service.name
  const facts: RequestFacts = { service: 'web', rpc: 'get', resource, mutating: false, project: project.id }
  const subject = { service: 'web', method: 'get', resource, project: project.id } as const
  const fault = cloud.faults.take(subject)
  const { reply } = injectFault(fault, {
    commit: () =>
      verb === 'GET' || verb === 'HEAD'
        ? webAnswer(cloud.world, service, url.host, url.pathname)
        : errorAnswer(405, `The sandbox's services answer GET and HEAD, not ${verb}.`),
    commitLater: () => {},
    writeConcurrently: () => {},
    errors: webErrors,
  })
  return { facts: withFault(facts, fault), reply }
}

function refusalOf(act: () => void): Answer | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

function answerOf(act: () => Answer): Answer {
  let answer: Answer | undefined
  const refusal = refusalOf(() => {
    answer = act()
  })
  return refusal ?? answer!
}
