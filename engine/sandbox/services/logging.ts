import type { JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { GoogleApi } from '../model/api.ts'
import type { AuditEntry } from '../model/audit-entry.ts'
import type { Call } from '../model/call.ts'
import type { World } from '../model/world.ts'

/** The most entries per page. Google allows 1,000 and may return fewer; a small page makes every rehearsal use several. */
const PAGE = 3

/** Cloud Logging v2, for projects' Admin Activity logs only (cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list). */
export const loggingApi: GoogleApi<'logging'> = {
  methods: { 'entries.list': { verb: 'POST', path: '/v2/entries:list', handleAll: listEntries } },
  permission: (method) => `logging.${method}`,
  denied: () => ({ message: 'Permission denied for all log views.' }),
}

function listEntries({ projects }: World, { body }: Call): JsonObject {
  const names = Array.isArray(body.resourceNames) ? body.resourceNames.map(String) : []
  const holds = filterOf(String(body.filter ?? ''))
  const found = names
    .flatMap(
      (name) =>
        projects.find(({ id, number }) => name === `projects/${id}` || name === `projects/${number}`) ?? missing(name),
    )
    .flatMap(({ auditLog }) => auditLog.filter(holds))
    .sort((a, b) => a.timestamp.localeCompare(b.timestamp))
  if (body.orderBy === 'timestamp desc') found.reverse()
  const from = Number(body.pageToken ?? 0)
  const to = from + Math.min(PAGE, Number(body.pageSize ?? PAGE))
  return {
    ...(found.length > 0 && { entries: found.slice(from, to) }),
    ...(to < found.length && { nextPageToken: String(to) }),
  }
}

const missing = (name: string): never =>
  refuse(403, `Permission 'logging.logEntries.list' denied on resource '${name}' (or it may not exist).`)

const TERM = /^(logName|timestamp)(=|>=|<=)"([^"]*)"$/

/** Parses a filter of known terms joined by AND; refuses any other term, which would otherwise select the wrong entries. */
function filterOf(filter: string): (entry: AuditEntry) => boolean {
  const terms = filter
    .replaceAll(/\s+/g, ' ')
    .split(' AND ')
    .filter((term) => term.trim() !== '')
  const holding = terms.map((term) => {
    const [, field, operator, value = ''] =
      TERM.exec(term.trim()) ?? refuse(400, `Unparseable filter: the sandbox does not support \`${term}\`.`)
    const wanted =
      field === 'timestamp'
        ? Date.parse(value) || refuse(400, `Unparseable filter: invalid timestamp ${value}.`)
        : value
    return (entry: AuditEntry): boolean => {
      const own = field === 'timestamp' ? Date.parse(entry.timestamp) : String(entry.logName)
      return operator === '=' ? own === wanted : operator === '>=' ? own >= wanted : own <= wanted
    }
  })
  return (entry) => holding.every((holds) => holds(entry))
}
