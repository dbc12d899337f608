import type { JsonObject } from '../../base/json.ts'
import { ApiError } from './api-error.ts'
import { bindingsOf, withMember, withoutMember } from './bindings.ts'
import { type Args, type Command, type CommandContext, type Printed, textOf } from './command.ts'
import { Failed } from './failed.ts'
import { withBytes } from './json-text.ts'

const binding = { member: 'value', role: 'value', condition: ['None'] } as const

/** `projects …`: a project and its IAM policy, through Resource Manager. */
export const projectCommands = {
  'projects describe': {
    positional: 'PROJECT_ID_OR_NUMBER',
    flags: {},
    run: async ({ positional }, { api }) => ({ json: await api.call('GET', urlOf(positional)) }),
  },
  'projects get-iam-policy': {
    positional: 'PROJECT_ID_OR_NUMBER',
    flags: {},
    run: async ({ positional }, context) => ({ json: await readPolicy(positional, context) }),
  },
  'projects add-iam-policy-binding': {
    positional: 'PROJECT_ID',
    flags: binding,
    required: ['member', 'role'],
    run: addBinding,
  },
  'projects remove-iam-policy-binding': {
    positional: 'PROJECT_ID',
    flags: binding,
    required: ['member', 'role'],
    run: removeBinding,
  },
} satisfies Record<string, Command>

const urlOf = (project: string): string => `http://cloudresourcemanager.sandbox/v1/projects/${project}`

async function readPolicy(project: string, { api }: CommandContext): Promise<JsonObject> {
  const asked = { options: { requestedPolicyVersion: 3 } }
  return withBytes(await api.call('POST', `${urlOf(project)}:getIamPolicy`, {}, asked), 'etag')
}

async function addBinding(args: Args, context: CommandContext): Promise<Printed> {
  const policy = await readPolicy(args.positional, context)
  if (omitsCondition(args, policy))
    throw new Failed(
      1,
      'Adding a binding without specifying a condition to a policy containing conditions is prohibited in non-interactive mode. Run the command again with `--condition=None`',
    )
  return write(args.positional, withMember(policy, textOf(args, 'role')!, textOf(args, 'member')!), context)
}

async function removeBinding(args: Args, context: CommandContext): Promise<Printed> {
  const policy = await readPolicy(args.positional, context)
  if (omitsCondition(args, policy))
    throw new Failed(
      1,
      'Removing a binding without specifying a condition from a policy containing conditions is prohibited in non-interactive mode. Run the command again with `--condition=None` to remove a binding without condition or run command with `--all` to remove all bindings of the specified principal and role.',
    )
  const left = withoutMember(policy, textOf(args, 'role')!, textOf(args, 'member')!)
  if (!left) throw new Failed(1, 'Policy binding with the specified principal, role, and condition not found!')
  return write(args.positional, left, context)
}

/** Returns whether the policy has conditions and the command line doesn't mention any. */
const omitsCondition = (args: Args, policy: JsonObject): boolean =>
  !args.flags.has('condition') && bindingsOf(policy).some(({ condition }) => condition !== undefined)

/** Writes the policy once, with the etag it was read with, so that the caller sees a conflict. */
async function write(project: string, policy: JsonObject, { api }: CommandContext): Promise<Printed> {
  try {
    const written = await api.call('POST', `${urlOf(project)}:setIamPolicy`, {}, { policy: { ...policy, version: 3 } })
    return { json: withBytes(written, 'etag'), message: `Updated IAM policy for project [${project}].` }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error
    throw new Failed(1, error.message, LINT)
  }
}

const LINT =
  'ERROR: Policy modification failed. For a binding with condition, run "gcloud alpha iam policies lint-condition" to identify issues in condition.'
