import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../base/json.ts'
import type { IndexedApi } from './apis/description.ts'
import { hasNumbers, withNames, withNumbers } from './apis/enums.ts'
import { withoutCredentials } from './apis/fields.ts'
import type { FoundMethod } from './apis/find-method.ts'
import { answerByShape } from './apis/shapes.ts'
import { projectOf, requireApi, requireToken } from './auth.ts'
import { copyOf, isDryRun } from './dry-run.ts'
import { writeByAnother } from './faults/concurrent-writer.ts'
import { errorsOf, webErrors } from './faults/errors.ts'
import { describeFault, type Faults } from './faults/faults.ts'
import { playCall, type Reply } from './faults/inject-fault.ts'
import { takeEffectAt } from './late.ts'
import { type Answer, errorAnswer, jsonAnswer, Refusal, refuse } from './model/answer.ts'
import { type Call, type Match, resourceOf } from './model/call.ts'
import type { Fault } from './model/fault.ts'
import { mutates } from './model/methods.ts'
import type { RequestEntry } from './model/request-log.ts'
import type { Project, RunProgress, World } from './model/world.ts'
import { bySandbox, notSimulated, reasonFor, refuseUnsimulated } from './not-simulated.ts'
import { readRequest } from './request-form.ts'
import { parseBody } from './request-json.ts'
import { type Destination, destinationOf, formOf } from './routing.ts'
import { auditing, OPERATOR, OTHER_WRITER } from './services/audit-log.ts'
import { requireGithubToken } from './services/github.ts'
import { webAnswer } from './services/web.ts'

/** A proxied request, read to its end. */
export type Request = {
  verb: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
  /** The method that the SDK describes for it, where no simulated service answers. */
  found?: FoundMethod
  /** Why the body can't be read, where it can't. */
  unreadable?: string
  /** When it arrived, in ms by the caller's own clock. */
  at: number
}

/** The simulated cloud as requests meet it. */
export type Cloud = { world: World; faults: Faults; token: string }

/** What the log learns about a request from where it was going. */
export type Told = Pick<
  RequestEntry,
  'service' | 'rpc' | 'resource' | 'mutating' | 'committed' | 'dryRun' | 'project' | 'fault' | 'notSimulated'
>

/** Carries out a proxied request: finds its method, admits it, lets a fault have its way, and changes the world; `onLate` is called where that is done only later. */
export function exchange(
  cloud: Cloud,
  request: Request,
  onLate: (committed: boolean) => void = () => {},
): { told: Told; reply: Reply } {
  const destination = destinationOf(cloud.world, request.verb, request.url)
  if (destination.kind === 'not-simulated' || destination.kind === 'outside') {
    const shaped = shapeExchange(cloud, request)
    if (shaped) return shaped
  }
  switch (destination.kind) {
    case 'api':
      return apiExchange(cloud, request, destination, onLate)
    case 'web':
      return webExchange(cloud, request, destination)
    case 'not-simulated': {
      const { service, what } = destination
      const answer = answerOf(() => {
        requireCaller(service, request, cloud)
        return notSimulated(service, what)
      })
      return {
        told: { service, rpc: 'unknown', resource: request.url.pathname, mutating: false, notSimulated: what },
        // Whoever has no login either, such as an HTTP check, learns from the header that nothing here is so.
        reply: { kind: 'answer', answer: bySandbox(answer, reasonFor(what)) },
      }
    }
    case 'outside':
      return { told: outside(request.url.host), reply: { kind: 'answer', answer: outsideAnswer(request.url.host) } }
  }
}

/** Answers by shape what no simulated service knows, where the SDK describes the API. */
function shapeExchange(cloud: Cloud, request: Request): { told: Told; reply: Reply } | undefined {
  const { world } = cloud
  const { url, verb, found } = request
  if (!found) return undefined
  const { api, method, path } = found
  const project = world.projects.find(({ id, number }) =>
    [id, number].includes(/projects\/([^/:]+)/.exec(path)?.[1] ?? ''),
  )
  const told: Told = {
    service: api.api as Told['service'],
    rpc: method.id as Told['rpc'],
    resource: path,
    mutating: verb !== 'GET',
    ...(project ? { project: project.id } : {}),
  }
  let answer: Answer
  let done = false
  try {
    requireCaller(api.api, request, cloud)
    const shaped = answerByShape(world.shapes, {
      ...{ api, method, query: url.searchParams },
      path: project ? path.replace(`projects/${project.number}`, `projects/${project.id}`) : path,
      body: bodyOf(request, api, method.body),
      ...{ user: OPERATOR, now: world.clock.now(), random: world.random },
    })
    answer = shaped.how === 'refused' ? notSimulated(api.api, method.id) : encoded(shaped.answer, request, found)
    done = shaped.how === 'generic' && shaped.changed
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    answer = error.answer
  }
  return { told: committed(told, done), reply: { kind: 'answer', answer } }
}

function bodyOf({ body, unreadable }: Request, api: IndexedApi, type = ''): JsonObject {
  if (unreadable !== undefined) refuse(400, unreadable)
  return withoutCredentials(withNames(api, type, parseBody(body)))
}

/** An answer with its enum values as the caller asked for them. */
function encoded(answer: Answer, { url }: Request, { api, method }: FoundMethod): Answer {
  if (!hasNumbers(url.searchParams) || answer.status >= 400 || answer.body === '') return answer
  return { ...answer, body: JSON.stringify(withNumbers(api, method.response, JSON.parse(answer.body) as JsonObject)) }
}

/** How the log tells a request that would have left the sandbox. */
export const outside = (host: string): Told => ({ service: 'outside', rpc: 'refused', resource: host, mutating: false })

/** The refusal of a host that isn't simulated. */
export const outsideAnswer = (host: string): Answer =>
  bySandbox(
    errorAnswer(403, `${host} is outside the sandbox: nothing was sent there.`),
    `${host} is outside the sandbox; nothing was sent there`,
  )

function apiExchange(
  cloud: Cloud,
  request: Request,
  { match, region }: Extract<Destination, { kind: 'api' }>,
  onLate: (committed: boolean) => void,
) {
  const { world } = cloud
  const { service, method } = match.route
  const resource = resourceOf(match)
  const told: Told = { service, rpc: method, resource, mutating: mutates(method) }
  let project: Project | undefined
  let call: Call | undefined
  let dryRun = false
  const refusal = refusalOf(() => {
    requireCaller(service, request, cloud)
    call = callOf(request, match, region)
    dryRun = told.mutating && isDryRun(call.query, call.body)
    if ('handle' in match.route) project = projectOf(world, match)
    if (project) requireApi(project, service)
  })
  if (project) told.project = project.id
  if (dryRun) told.dryRun = true
  if (refusal) return { told: committed(told, false), reply: { kind: 'answer', answer: refusal } as const }
  const asked = call!
  const subject = { service, method, resource, ...(project && { project: project.id }) }
  const fault = cloud.faults.meet(subject)
  const audits = project && told.mutating ? auditsOf(project, match, request, asked.body) : undefined
  const commit = (course?: RunProgress) =>
    answerOf(() => carryOut(dryRun ? copyOf(world) : world, match, { ...asked, ...(course && { course }) }))
  const played = playCall(fault, {
    commit,
    commitLater: (ms) =>
      takeEffectAt(world, world.clock.now() + ms, () => {
        const own = commit()
        audits?.ofCaller(own)
        onLate(own.status < 400)
      }),
    interfere(write) {
      if (!project) return
      writeByAnother(world, project, subject, write, String(asked.body.accountId ?? ''))
      audits?.ofAnother()
    },
    errors: errorsOf({ ...subject, service, number: project?.number ?? '' }),
  })
  if (played.own && isAudited(played.own) && !dryRun) audits?.ofCaller(played.own)
  return { told: committed(withFault(told, fault), played.committed && !dryRun), reply: played.reply }
}

/** What writes a call into the project's audit log, and what somebody else wrote just before it: about the same thing, and theirs. */
function auditsOf(project: Project, { route: { service, method }, params }: Match, request: Request, body: JsonObject) {
  const call = { service, method, params, body }
  const { accountId } = call.body
  const ofAnother = { ...call, body: accountId === undefined ? {} : { accountId } }
  const caller = { principal: OPERATOR, userAgent: request.headers['user-agent'] ?? '' }
  return {
    ofCaller: auditing(project, call, caller, request.at),
    ofAnother: auditing(project, ofAnother, OTHER_WRITER, request.at),
  }
}

/** Calls without a login or beyond the quota have no entry; nor has a dry run. */
const isAudited = ({ status }: Answer): boolean => status !== 401 && status !== 429

const withFault = (told: Told, fault: Fault | undefined): Told =>
  fault === undefined ? told : { ...told, fault: describeFault(fault) }

/** Says of a request that asks for a change whether the change was made. */
const committed = (told: Told, done: boolean): Told => (told.mutating ? { ...told, committed: done } : told)

function requireCaller(service: string, { headers: { authorization } }: Request, { token }: Cloud): void {
  if (service === 'github') requireGithubToken(authorization, token)
  else requireToken(authorization, token)
}

function carryOut(world: World, match: Match, call: Call): Answer {
  const { route } = match
  return jsonAnswer(
    'handleAll' in route ? route.handleAll(world, call) : route.handle(world, projectOf(world, match), call),
  )
}

/** A request as its method sees it; refuses one whose form the API doesn't take. */
function callOf(request: Request, { route, params }: Match, region?: string): Call {
  const { url, headers, body, unreadable } = request
  if (unreadable !== undefined) refuse(400, unreadable)
  const at = { params, ...(region !== undefined && { region }) }
  const form = formOf(route)
  if (form)
    return {
      ...at,
      ...readRequest(route.service, form.methodId, form.shape, { query: url.searchParams, headers, body }),
    }
  if (headers['x-http-method-override'] !== undefined) refuseUnsimulated(route.service, 'X-HTTP-Method-Override')
  return { ...at, query: url.searchParams, body: {} }
}

function webExchange(
  cloud: Cloud,
  { verb, url }: Request,
  { project, service }: Extract<Destination, { kind: 'web' }>,
) {
  const resource = service.name
  const told: Told = { service: 'web', rpc: 'get', resource, mutating: false, project: project.id }
  const subject = { service: 'web', method: 'get', resource, project: project.id } as const
  const fault = cloud.faults.meet(subject)
  const { reply } = playCall(fault, {
    commit: () =>
      verb === 'GET' || verb === 'HEAD'
        ? webAnswer(cloud.world, service, url.host, url.pathname)
        : errorAnswer(405, `The sandbox's services answer GET and HEAD, not ${verb}.`),
    commitLater: () => {},
    interfere: () => {},
    errors: webErrors,
  })
  return { told: withFault(told, fault), reply }
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
