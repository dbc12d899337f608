import type { JsonObject } from '../../base/json.ts'
import { type Answer, statusWord } from '../model/answer.ts'
import type { AuditName, ChangingCall } from '../model/api.ts'
import type { AuditEntry } from '../model/audit-entry.ts'
import { sha256 } from '../model/identifiers.ts'
import type { Project } from '../model/world.ts'
import { apiMethod, apis } from './apis.ts'

/** Who requests a change: the principal in the audit log, and the client. */
export type Caller = { principal: string; userAgent: string }

/** The account that the sandbox's token belongs to. */
export const OPERATOR = 'sandbox-operator@example.com'

/** The author of a `concurrentWriter` fault's changes: someone at the web console. */
export const CONCURRENT_WRITER: Caller = {
  principal: 'concurrent-writer@example.com',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0,gzip(gfe)',
}

/**
 * Returns a function that adds a mutating call to its project's log once its answer is known. As in Cloud Audit Logs,
 * refused calls are logged too, and payloads never are
 * (cloud.google.com/logging/docs/audit/understanding-audit-logs). `at` is in ms by the caller's own clock, which their
 * logs use too.
 */
export function auditing(
  project: Project,
  call: ChangingCall,
  caller: Caller,
  at: number,
): (answer?: Pick<Answer, 'status' | 'body'>) => void {
  const before = auditNameOf(project, call)
  const { payload: _, ...request } = call.body
  const permission = apis[call.service].permission(call.method)
  return (answer) => {
    const name = call.method.endsWith('.delete') ? before : auditNameOf(project, call)
    audit(project, { ...name, service: call.service, permission, request }, caller, answer, at)
  }
}

/** A call as its audit log entry has it. */
export type AuditedCall = AuditName & { service: string; permission: string; request: JsonObject }

/** Adds a mutating call with its answer to its project's log. */
export function audit(
  project: Project,
  call: AuditedCall,
  caller: Caller,
  answer: Pick<Answer, 'status' | 'body'> | undefined,
  at: number,
): void {
  project.auditLog.push(auditEntry(project, call, caller, answer, at))
}

function auditNameOf(project: Project, call: ChangingCall): AuditName {
  const audited = apiMethod(call.service, call.method)?.audited
  if (!audited) throw new Error(`${call.service} ${call.method} changes nothing, so it has no audit log name`)
  return audited(project, call)
}

function auditEntry(
  project: Project,
  { service, permission, request, resourceName, methodName, resource }: AuditedCall,
  caller: Caller,
  answer: Pick<Answer, 'status' | 'body'> | undefined,
  at: number,
): AuditEntry {
  const time = new Date(at).toISOString().replace('Z', '000Z')
  const status = answer === undefined || answer.status < 400 ? {} : statusIn(answer.body)
  return {
    insertId: insertIdOf(`${project.id} ${project.auditLog.length} ${time}`),
    logName: `projects/${project.id}/logs/cloudaudit.googleapis.com%2Factivity`,
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: { principalEmail: caller.principal },
      authorizationInfo: [{ permission, resource: resourceName, ...(status.code === 7 ? {} : { granted: true }) }],
      methodName,
      request,
      requestMetadata: {
        callerIp: '203.0.113.7',
        callerSuppliedUserAgent: caller.userAgent,
        destinationAttributes: {},
        requestAttributes: { auth: {}, time },
      },
      resourceName,
      serviceName: `${service}.googleapis.com`,
      status,
    },
    receiveTimestamp: time,
    resource,
    severity: status.code === undefined ? 'NOTICE' : 'ERROR',
    timestamp: time,
  }
}

/** Returns an error answer as google.rpc.Status. */
function statusIn(body: string): JsonObject {
  const { error } = JSON.parse(body) as { error: { code: number; message: string; status?: string } }
  return { code: Math.max(CODES.indexOf(error.status ?? statusWord(error.code)), 2), message: error.message }
}

/** The canonical codes in numeric order (google.rpc.Code). */
const CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
]

/** Returns an id in Google's form. Draws no random bytes, so that other random values stay the same. */
const insertIdOf = (text: string): string =>
  BigInt(`0x${sha256(Buffer.from(text))}`)
    .toString(36)
    .slice(0, 13)
