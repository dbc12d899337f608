import { isJsonObject, type JsonObject } from '../../base/json.ts'
import type { Args, Bench, Command, Printed } from './command.ts'

/** How many entries gcloud asks for at a time. */
const PAGE = 1000

/** `logging read`: the entries of a project's logs that a filter names, through Cloud Logging; the oldest first is the only order that it knows. */
export const loggingCommands: Command[] = [
  {
    words: 'logging read',
    positional: 'LOG_FILTER',
    text: true,
    flags: { order: ['asc'] },
    needs: ['order'],
    lists: true,
    run: readEntries,
  },
]

async function readEntries({ positional }: Args, { api, project }: Bench): Promise<Printed> {
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
