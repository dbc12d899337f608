import { verifyLog } from '../../audit/verify.ts'
import { UserError } from '../../base/problem.ts'
import { incidentFolder, incidentsIn, readLog } from '../../disk/logs/incident-folder.ts'
import type { SavedPlan } from '../../plan/types.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'

/** Refuses a plan that another run in these logs was opened with. This folder's logs are the only state: a use elsewhere is not noticed. Throws UserError. */
export async function refuseUsed(
  saved: SavedPlan,
  logs: string,
  goesOn?: { incident: string; run: string },
): Promise<void> {
  for (const incident of await incidentsIn(logs)) {
    const bytes = await readLog(incidentFolder(logs, incident))
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(saved.id)) continue
    const uses = foldRuns(verifyLog(bytes, incident).entries).filter(({ opened }) => opened.savedPlan?.id === saved.id)
    const own = goesOn?.incident === incident ? goesOn.run : undefined
    const use = uses.find(({ run, opened }) => own === undefined || (run !== own && opened.within !== own))
    if (own !== undefined && use === undefined) continue
    // A line that names the plan but can't be read doesn't prove that the plan is unused.
    const by = use
      ? `by ${use.run} of incident ${incident}, at ${use.openedAt}`
      : `according to the log of incident ${incident}, although no readable run in it used the plan`
    throw new UserError(
      `the plan ${saved.id} was already used, ${by}; nothing was changed`,
      `a plan can be used once per logs folder: make another with \`breakglass plan --out FILE\``,
      4,
    )
  }
}
