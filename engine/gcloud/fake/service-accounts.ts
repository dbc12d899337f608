import { type Args, type Command, type CommandContext, type Printed, textOf } from './command.ts'
import { Failed } from './failed.ts'
import { withBytes } from './json-text.ts'

/** `iam service-accounts …`: service accounts and their keys, through IAM. */
export const serviceAccountCommands = {
  'iam service-accounts list': {
    flags: {},
    lists: true,
    async run(_, { api, project }) {
      const accounts = await api.list(urlOf(project()), { pageSize: '100' }, 'accounts')
      return { json: accounts.map((account) => withBytes({ disabled: false, ...account }, 'etag')) }
    },
  },
  'iam service-accounts describe': {
    positional: 'SERVICE_ACCOUNT',
    flags: {},
    async run({ positional }, { api }) {
      const account = await api.call('GET', accountUrl(positional, 'SERVICE_ACCOUNT'))
      return { json: withBytes(account, 'etag') }
    },
  },
  'iam service-accounts create': { positional: 'NAME', flags: { 'display-name': 'value' }, run: createAccount },
  'iam service-accounts delete': {
    positional: 'SERVICE_ACCOUNT',
    flags: {},
    async run({ positional }, { api }) {
      await api.call('DELETE', accountUrl(positional, 'SERVICE_ACCOUNT'))
      return { json: [], message: `deleted service account [${positional}]` }
    },
  },
  'iam service-accounts keys list': {
    flags: { 'iam-account': 'value', 'managed-by': ['any', 'system', 'user'] },
    required: ['iam-account'],
    run: listKeys,
  },
} satisfies Record<string, Command>

const urlOf = (project: string): string => `http://iam.sandbox/v1/projects/${project}/serviceAccounts`

/** Returns the URL of an account named by email or unique id; its project is in the email. */
function accountUrl(account: string, argument: string): string {
  if (!/^([0-9]+|[^@]+@[^@.]+\.[^@]+)$/.test(account))
    throw new Failed(
      2,
      `argument ${argument}: Bad value [${account}]: Not a valid service account identifier. It should be either a numeric string representing the unique_id or an email of the form: my-iam-account@somedomain.com or my-iam-account@PROJECT_ID.iam.gserviceaccount.com`,
    )
  return `${urlOf('-')}/${account}`
}

async function createAccount(args: Args, { api, project }: CommandContext): Promise<Printed> {
  const displayName = textOf(args, 'display-name')
  const serviceAccount = displayName === undefined ? {} : { displayName }
  const account = await api.call('POST', urlOf(project()), {}, { accountId: args.positional, serviceAccount })
  return { json: withBytes(account, 'etag'), message: `Created service account [${args.positional}].` }
}

async function listKeys(args: Args, { api }: CommandContext): Promise<Printed> {
  const managedBy = textOf(args, 'managed-by') ?? 'any'
  const query = managedBy === 'any' ? undefined : { keyTypes: `${managedBy.toUpperCase()}_MANAGED` }
  const url = `${accountUrl(textOf(args, 'iam-account')!, '--iam-account')}/keys`
  const { keys } = await api.call('GET', url, query)
  return { json: keys ?? [] }
}
