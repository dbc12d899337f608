import { verifyLog } from '../../audit/verify.ts'
import { incidentFolder, incidentsIn, readLog } from '../../disk/logs/incident-folder.ts'
import type { CloudName } from '../../plan/types.ts'
import { describeOverride } from '../../record/timeline.ts'
import { openOverrides } from '../../run/model/overrides.ts'

/** Something that somebody still owes to an incident, in one sentence. */
export type OpenItem = { incident?: string; run?: string; says: string }

/** The solo overrides among the logs that nobody has countersigned, of the real world or of sandboxes. Never throws: a check goes on. */
export const openItems = (logs: string, cloud: CloudName): Promise<OpenItem[]> =>
  findIn(logs, cloud).catch(({ message }: Error) => [{ says: `what is open could not be looked for: ${message}` }])

async function findIn(logs: string, { kind }: CloudName): Promise<OpenItem[]> {
  const items: OpenItem[] = []
  for (const incident of await incidentsIn(logs)) {
    const bytes = await readLog(incidentFolder(logs, incident)).catch(({ message }: Error) => {
      items.push({ incident, says: `${incident}: its log can't be read, so what is open in it is unknown: ${message}` })
    })
    if (!bytes) continue
    // Few logs have one, and none need be read as a whole to see that.
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"policy.overridden"')) continue
    const { entries, damage } = verifyLog(bytes, incident)
    if (damage.length > 0) {
      items.push({
        incident,
        says: `${incident}: its log is damaged, and tells of a solo override (audit verify ${incident})`,
      })
      continue
    }
    for (const {
      state: { run, opened },
      override,
    } of openOverrides(entries))
      if (opened.cloud.kind === kind)
        items.push({
          incident,
          run,
          says: `${incident}, ${override.time}. ${describeOverride(override)}. Owed: breakglass countersign ${incident}, by somebody else`,
        })
  }
  return items
}
