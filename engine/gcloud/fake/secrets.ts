import type { JsonObject } from '../../base/json.ts'
import { type Args, type Command, type CommandContext, type Printed, textOf } from './command.ts'
import { Failed } from './failed.ts'
import { withBytes } from './json-text.ts'

/** The largest payload of a version, in bytes. */
const MOST_BYTES = 65_536

/** `secrets …`: secrets and their versions, through Secret Manager. */
export const secretCommands = {
  'secrets list': {
    flags: {},
    lists: true,
    run: async (_, { api, project }) => ({ json: await api.list(urlOf(project()), { pageSize: '100' }, 'secrets') }),
  },
  'secrets describe': {
    positional: 'SECRET',
    flags: {},
    run: async ({ positional }, { api, project }) => ({ json: await api.call('GET', urlOf(project(), positional)) }),
  },
  'secrets versions list': {
    positional: 'SECRET',
    flags: {},
    lists: true,
    run: async ({ positional }, { api, project }) => ({
      json: await api.list(`${urlOf(project(), positional)}/versions`, { pageSize: '0' }, 'versions'),
    }),
  },
  'secrets versions access': {
    positional: '(VERSION : --secret=SECRET)',
    flags: { secret: 'value' },
    run: accessVersion,
  },
  'secrets versions add': {
    positional: 'SECRET',
    flags: { 'data-file': ['-'] },
    required: ['data-file'],
    run: addVersion,
  },
} satisfies Record<string, Command>

const urlOf = (project: string, secret?: string): string =>
  `http://secretmanager.sandbox/v1/projects/${project}/secrets${secret === undefined ? '' : `/${secret}`}`

async function accessVersion(args: Args, { api, project }: CommandContext): Promise<Printed> {
  const secret = textOf(args, 'secret')
  if (secret === undefined)
    throw new Failed(
      1,
      'Error parsing [version].\nThe [version] resource is not properly specified.\nFailed to find attribute [secret].',
    )
  const version = await api.call('GET', `${urlOf(project(), secret)}/versions/${args.positional}:access`)
  return { json: { ...version, payload: withBytes(version.payload as JsonObject, 'data') } }
}

/** Adds the bytes on stdin as a version, with their checksum; like gcloud, it sends them again if the answer is lost. */
async function addVersion({ positional }: Args, { api, project, stdin, crc32c }: CommandContext): Promise<Printed> {
  const payload = stdin?.lend((bytes): JsonObject | undefined =>
    bytes.length > MOST_BYTES
      ? undefined
      : { data: Buffer.from(bytes).toString('base64'), dataCrc32c: String(crc32c(bytes)) },
  )
  if (stdin && !payload) throw new Failed(1, `The file [-] is larger than the maximum size of ${MOST_BYTES} bytes.`)
  const body = { payload: payload ?? { data: '', dataCrc32c: '0' } }
  const version = await api.call('POST', `${urlOf(project(), positional)}:addVersion`, {}, body)
  if (version.clientSpecifiedPayloadChecksum !== true)
    throw new Failed(
      1,
      'Version created but payload data corruption may have occurred, please destroy the created version, and retry. See also https://cloud.google.com/secret-manager/docs/data-integrity.',
    )
  const number = String(version.name).split('/').at(-1)
  return { json: version, message: `Created version [${number}] of the secret [${positional}].` }
}
