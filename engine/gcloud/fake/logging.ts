import { isJsonObject, type JsonObject } from '../../base/json.ts'
import type { Args, Command, CommandContext, Printed } from './command.ts'

/** How many entries gcloud requests per page. */
const PAGE = 1000

/** `logging read`: reads a project's log entries that match a filter through Cloud Logging, oldest first only. */
export const loggingCommands = {
  'logging read': {
    positional: 'LOG_FILTER',
    text: true,
    flags: { order: ['asc'] },
    required: ['order'],
    lists: true,
    run: readEntries,
  },
} satisfies Record<string, Command>

async function readEntries({ positional }: Args, { api, project }: CommandContext): Promise<Printed> {
  const asked = {
    filter: positional,
    orderBy: 'timestamp asc',
    pageSize: PAGE,
    resourceNames: [`projects/${project()}`],
  }
  const found: JsonObject[] = []
  for (let page: JsonObject = {}; ; ) {
    const answer = await api.call('POST', 'http://logging.sandbox/v2/entries:list', {}, { ...asked, ...page })
    found.push(...(Array.isArray(answer.entries) ? answer.entries : []).filter(isJsonObject))
    if (answer.nextPageToken === undefined) return { json: found }
    page = { pageToken: answer.nextPageToken }
  }
}
