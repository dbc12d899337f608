import type { JsonObject } from '../base/json.ts'
import { fieldsOf } from './api-methods.ts'
import { withoutVersion } from './apis/description.ts'
import { forgetPolicies } from './apis/policies.ts'
import { projectOf, requireApi, requireToken } from './auth.ts'
import { copyOf, isDryRun } from './dry-run.ts'
import { githubErrors, googleErrors, webErrors } from './faults/errors.ts'
import { injectFault, type Reply } from './faults/inject-fault.ts'
import { handleDescribed } from './handle-described.ts'
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
import { type Answer, errorAnswer, refuse } from './model/answer.ts'
import type { Match } from './model/api.ts'
import { type Call, decoded, resourceOf } from './model/call.ts'
import { type GoogleService, mutates } from './model/methods.ts'
import type { CallEffects, Project } from './model/world.ts'
import { bySandbox, notSimulated, reasonFor, refuseUnsimulated } from './not-simulated.ts'
import { readRequest } from './request-form.ts'
import { type Destination, destinationOf, formOf } from './routing.ts'
import { apiMethod } from './services/apis.ts'
import { auditing, CONCURRENT_WRITER, OPERATOR } from './services/audit-log.ts'
import { webAnswer } from './services/web.ts'

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
  withoutVersion(decoded(pathname)).replace(`projects/${number}/`, `projects/${id}/`)

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
