import { isJsonObject, type Json, type JsonObject } from '../runbook/json.ts'
import { projectOf, requireApi, requireToken } from './admission.ts'
import { type Answer, type ErrorForm, errorAnswer, jsonAnswer, Refusal, refuse } from './answer.ts'
import { auditing, OPERATOR, OTHER_WRITER } from './audit-log.ts'
import { type Call, type Match, resourceOf } from './call.ts'
import type { Fault } from './fault.ts'
import { errorsOf, webErrors } from './fault-errors.ts'
import { playCall, type Reply } from './fault-play.ts'
import { describeFault, type Faults } from './faults.ts'
import { githubError, requireGithubToken } from './github.ts'
import { mutates } from './methods.ts'
import { writeByAnother } from './other-writer.ts'
import type { RequestEntry } from './request-log.ts'
import { type Destination, destinationOf } from './routing.ts'
import { webAnswer } from './web.ts'
import type { Course, Project, World } from './world.ts'

/** A proxied request, read to its end. */
export type Request = {
  verb: string
  url: URL
  authorization: string | undefined
  userAgent: string
  body: string
  /** When it arrived, in ms by the caller's own clock. */
  at: number
}

/** The simulated cloud as requests meet it. */
export type Cloud = { world: World; faults: Faults; token: string }

/** What the log learns about a request from where it was going. */
export type Told = Pick<RequestEntry, 'service' | 'rpc' | 'resource' | 'mutating' | 'committed' | 'project' | 'fault'>

/** Carries out a proxied request: finds its method, admits it, lets a fault have its way, and changes the world. */
export function exchange(cloud: Cloud, request: Request): { told: Told; reply: Reply } {
  const destination = destinationOf(cloud.world, request.verb, request.url)
  switch (destination.kind) {
    case 'api':
      return apiExchange(cloud, request, destination)
    case 'web':
      return webExchange(cloud, request, destination)
    case 'unknown':
      return {
        told: { service: destination.service, rpc: 'unknown', resource: request.url.pathname, mutating: false },
        reply: answered(() => {
          requireCaller(destination.service, request, cloud)
          return errorFormOf(destination.service)(
            404,
            `The sandbox doesn't simulate ${request.verb} ${request.url.pathname} of ${destination.service}.`,
          )
        }),
      }
    case 'outside':
      return { told: outside(request.url.host), reply: { kind: 'answer', answer: outsideAnswer(request.url.host) } }
  }
}

/** How the log tells a request that would have left the sandbox. */
export const outside = (host: string): Told => ({ service: 'outside', rpc: 'refused', resource: host, mutating: false })

/** The refusal of a host that isn't simulated. */
export const outsideAnswer = (host: string): Answer =>
  errorAnswer(403, `${host} is outside the sandbox: nothing was sent there.`)

function apiExchange(cloud: Cloud, request: Request, { match, region }: Extract<Destination, { kind: 'api' }>) {
  const { world } = cloud
  const { service, method } = match.route
  const resource = resourceOf(match)
  const told: Told = { service, rpc: method, resource, mutating: mutates(method) }
  let project: Project | undefined
  const refusal = refusalOf(() => {
    requireCaller(service, request, cloud)
    if ('handle' in match.route) project = projectOf(world, match)
    if (project) requireApi(project, service)
  })
  if (project) told.project = project.id
  if (refusal) return { told: committed(told, false), reply: { kind: 'answer', answer: refusal } as const }
  const subject = { service, method, resource, ...(project && { project: project.id }) }
  const fault = cloud.faults.meet(subject)
  const audits = project && told.mutating ? auditsOf(project, match, request) : undefined
  const played = playCall(fault, {
    commit: (course) => answerOf(() => carryOut(world, project, match, callOf(request, match, region, course))),
    interfere(write) {
      if (!project) return
      writeByAnother(world, project, subject, write, accountIdIn(request))
      audits?.ofAnother()
    },
    errors: errorsOf({ ...subject, service, number: project?.number ?? '' }),
  })
  if (played.own && isAudited(played.own, request)) audits?.ofCaller(played.own)
  return { told: committed(withFault(told, fault), played.committed), reply: played.reply }
}

/** What writes a call into the project's audit log, and what somebody else wrote just before it: about the same thing, and theirs. */
function auditsOf(project: Project, { route: { service, method }, params }: Match, request: Request) {
  const call = { service, method, params, body: bodyIn(request) }
  const { accountId } = call.body
  const ofAnother = { ...call, body: accountId === undefined ? {} : { accountId } }
  const caller = { principal: OPERATOR, userAgent: request.userAgent }
  return {
    ofCaller: auditing(project, call, caller, request.at),
    ofAnother: auditing(project, ofAnother, OTHER_WRITER, request.at),
  }
}

/** Calls without a login, beyond the quota, or that only try have no entry. */
const isAudited = ({ status }: Answer, { url }: Request): boolean =>
  status !== 401 && status !== 429 && url.searchParams.get('dryRun') !== 'all'

const withFault = (told: Told, fault: Fault | undefined): Told =>
  fault === undefined ? told : { ...told, fault: describeFault(fault) }

/** Says of a request that asks for a change whether the change was made. */
const committed = (told: Told, done: boolean): Told => (told.mutating ? { ...told, committed: done } : told)

/** The name of the account that a request to make one gives. */
const accountIdIn = (request: Request): string => String(bodyIn(request).accountId ?? '')

/** A request's body; of one that isn't an object, nothing. */
function bodyIn({ body }: Request): JsonObject {
  try {
    return parsedBody(body)
  } catch {
    return {}
  }
}

/** How a service tells its callers of errors. */
const errorFormOf = (service: string): ErrorForm => (service === 'github' ? githubError : errorAnswer)

function requireCaller(service: string, { authorization }: Request, { token }: Cloud): void {
  if (service === 'github') requireGithubToken(authorization, token)
  else requireToken(authorization, token)
}

function carryOut(world: World, project: Project | undefined, { route }: Match, call: Call): Answer {
  return jsonAnswer('handleAll' in route ? route.handleAll(world, call) : route.handle(world, project!, call))
}

function callOf({ url, body }: Request, { params }: Match, region?: string, course?: Course): Call {
  return {
    params,
    query: url.searchParams,
    body: parsedBody(body),
    ...(region !== undefined && { region }),
    ...(course && { course }),
  }
}

function parsedBody(text: string): JsonObject {
  if (text.trim() === '') return {}
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return refuse(400, 'Invalid JSON payload received.')
  }
  return isJsonObject(body) ? body : refuse(400, 'Invalid JSON payload received: an object was expected.')
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

const answered = (act: () => Answer): Reply => ({ kind: 'answer', answer: answerOf(act) })
