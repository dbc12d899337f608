import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { compileSchema } from '../runbook/schema/schema.ts'

/** The namespace of all signatures of Breakglass; what a signature means is the statement's `kind`. */
export const NAMESPACE = 'breakglass-plan'

type Head = { apiVersion: 'breakglass/v1'; at: string }

/** That somebody consents to a saved plan. `approver` is a name for people; who it really was the key says. */
export type ApprovalStatement = Head & {
  kind: 'Approval'
  plan: { id: string; digest: string }
  approver: string
}

/** That somebody is the operator of a run. */
export type OperatorStatement = Head & { kind: 'Operator'; incident: string; run: string; digest: string }

/** That somebody has looked at what an operator did alone: at that entry of the log, which was so long by then. */
export type CountersignStatement = Head & {
  kind: 'Countersignature'
  incident: string
  run: string
  override: { seq: number; hash: string }
  log: { size: number; root: string }
}

/** What somebody signs. */
export type Statement = ApprovalStatement | OperatorStatement | CountersignStatement

/** A statement and the armoured SSH signature over its text. */
export type Signed<T extends Statement> = { statement: T; signature: string }

/** The very text that is signed: the statement's RFC 8785 canonical JSON, without a line feed. */
export const statementText = (statement: Statement): string => canonicalize(statement) ?? ''

/** The text of an approval's file: the statement with its signature. */
export const formatApproval = ({ statement, signature }: Signed<ApprovalStatement>): string =>
  `${JSON.stringify({ ...statement, signature }, null, 2)}\n`

/** Reads the text of an approval's file; `name` is what the person calls it. Throws UserError. */
export function parseApproval(text: string, name: string): Signed<ApprovalStatement> {
  const found = jsonIn(text)
  if (found === undefined || !isJsonObject(found) || !fits(found))
    throw new UserError(`the file ${name} is not an approval`, 'make one with `breakglass approve PLAN-FILE`', 4)
  const { signature, ...statement } = found as unknown as ApprovalStatement & { signature: string }
  return { statement, signature }
}

function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

const schema = {
  type: 'object',
  properties: {
    apiVersion: { const: 'breakglass/v1' },
    kind: { const: 'Approval' },
    at: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' },
    plan: {
      type: 'object',
      properties: {
        id: { type: 'string', pattern: '^plan-[0-9a-f]{32}$' },
        digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
      },
      required: ['id', 'digest'],
      additionalProperties: false,
    },
    approver: { type: 'string', minLength: 1, maxLength: 256 },
    signature: { type: 'string', minLength: 1 },
  },
  required: ['apiVersion', 'kind', 'at', 'plan', 'approver', 'signature'],
  additionalProperties: false,
}

let compiled: ReturnType<typeof compileSchema> | undefined

const fits = (value: Json): boolean => {
  compiled ??= compileSchema(schema)
  return compiled(value) as boolean
}
