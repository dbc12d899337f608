import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { compileSchema } from '../runbook/schema/schema.ts'

/** The namespace of all signatures by people; the statement's `kind` defines what a signature means. */
export const NAMESPACE = 'breakglass-plan'

type Head = { apiVersion: 'breakglass/v1'; at: string }

/** States that somebody consents to a saved plan. `approver` is a name for people; the key proves who it was. */
export type ApprovalStatement = Head & {
  kind: 'Approval'
  plan: { id: string; digest: string }
  approver: string
}

/** States that somebody is the operator of a run. */
export type OperatorStatement = Head & { kind: 'Operator'; incident: string; run: string; digest: string }

/** States that somebody reviewed a solo override: the override's entry, and the log's size and root at that time. */
export type CountersignStatement = Head & {
  kind: 'Countersignature'
  incident: string
  run: string
  override: { seq: number; hash: string }
  log: { size: number; root: string }
}

/** A statement that somebody signs. */
export type Statement = ApprovalStatement | OperatorStatement | CountersignStatement

/** A statement and the armored SSH signature over its text. */
export type Signed<T extends Statement> = { statement: T; signature: string }

/** Returns the exact text that is signed: the statement's RFC 8785 canonical JSON, without a line feed. */
export const statementText = (statement: Statement): string => canonicalize(statement) ?? ''

/** Formats an approval file: the statement with its signature. */
export const formatApproval = ({ statement, signature }: Signed<ApprovalStatement>): string =>
  `${JSON.stringify({ ...statement, signature }, null, 2)}\n`

/** Parses the text of an approval file; `name` is its name in messages. Throws UserError. */
export function parseApproval(text: string, name: string): Signed<ApprovalStatement> {
  const found = jsonIn(text)
  if (found === undefined || !isJsonObject(found) || !fits(found))
    throw new UserError(`${name} is not an approval`, 'create one with `breakglass approve PLAN-FILE`', 4)
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
