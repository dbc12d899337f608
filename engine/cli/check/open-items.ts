import { verifyLog } from '../../audit/verify.ts'
import { incidentFolder, incidentsIn, readLog } from '../../disk/logs/incident-folder.ts'
import type { CloudName } from '../../plan/types.ts'
import { describeOverride } from '../../record/timeline.ts'
import { openOverrides } from '../../run/model/overrides.ts'

/** What is still owed to an incident, in one sentence. */
export type OpenItem = { incident?: string; run?: string; says: string }

/** Finds solo overrides without a countersignature, of the real cloud or of sandboxes. Never throws: a check goes on. */
export const openItems = (logs: string, cloud: CloudName): Promise<OpenItem[]> =>
  findIn(logs, cloud).catch(({ message }: Error) => [{ says: `open items are unknown: ${message}` }])

async function findIn(logs: string, { kind }: CloudName): Promise<OpenItem[]> {
  const items: OpenItem[] = []
  for (const incident of await incidentsIn(logs)) {
    const bytes = await readLog(incidentFolder(logs, incident)).catch(({ message }: Error) => {
      items.push({ incident, says: `${incident}: open items are unknown, because its log cannot be read: ${message}` })
    })
    if (!bytes) continue
    // Few logs have one, and this search is much faster than reading them all.
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"policy.overridden"')) continue
    const { entries, damage } = verifyLog(bytes, incident)
    if (damage.length > 0) {
      items.push({
        incident,
        says: `${incident}: its log is damaged and contains a solo override (see audit verify ${incident})`,
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
