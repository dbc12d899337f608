import type { CommandEntry } from './command.ts'

/** The groups of the command list, in the order in which help shows them. */
export const GROUPS = ['Author', 'Observe', 'Remediate', 'Prove', 'Rehearse', 'Set up'] as const

/** A command of the program. Internal commands appear in no list; commands that ask own the terminal from the start. */
export type ProgramEntry = CommandEntry & { group: (typeof GROUPS)[number] | 'internal'; asks?: true }

const READS = ['done', 'failed', 'usage'] as const
const OBSERVES = [...READS, 'interrupted'] as const
const CHANGES = [...READS, 'drift', 'declined', 'inDoubt', 'locked', 'interrupted'] as const

/** All commands: the command list, help, completion and the reference are made from this record. */
export const COMMANDS: Record<string, ProgramEntry> = {
  init: {
    group: 'Author',
    summary: 'Create a workspace with a first runbook',
    examples: [
      { does: 'Create a workspace in the current folder', line: 'breakglass init' },
      { does: 'Create a workspace in a new folder', line: 'breakglass init remediation' },
    ],
    exits: READS,
    read: () => import('./commands/init.ts'),
  },
  new: {
    group: 'Author',
    summary: 'Write a new runbook, from a template or from a shell script',
    examples: [
      { does: 'Start from the template', line: 'breakglass new rotate-key --title "Rotate the API key"' },
      {
        does: 'Turn the gcloud commands of a script into steps',
        line: 'breakglass new reopen-ingress --from-shell fix.sh',
      },
    ],
    exits: READS,
    read: () => import('./commands/new.ts'),
  },
  list: {
    group: 'Author',
    summary: 'List runbooks, gates and scenarios',
    examples: [
      { does: 'List the runbooks and scenarios of the workspace', line: 'breakglass list' },
      { does: 'List them as JSON', line: 'breakglass list --json' },
    ],
    exits: READS,
    read: () => import('./commands/list.ts'),
  },
  show: {
    group: 'Author',
    summary: 'Show a runbook',
    examples: [
      { does: 'Read a runbook in the terminal', line: 'breakglass show access-posture' },
      { does: 'Print a runbook as a Markdown page', line: 'breakglass show access-posture --format markdown' },
    ],
    exits: READS,
    read: () => import('./commands/show.ts'),
  },
  validate: {
    group: 'Author',
    summary: 'Check runbooks, inventory and scenarios for errors',
    examples: [
      { does: 'Check all files of the workspace', line: 'breakglass validate' },
      { does: 'Check one file whenever it changes', line: 'breakglass validate runbooks/access-posture.yaml --watch' },
      { does: "Also check each command line with gcloud's own parser", line: 'breakglass validate --deep' },
    ],
    exits: [...READS, 'interrupted'],
    read: () => import('./commands/validate.ts'),
  },
  contract: {
    group: 'Author',
    summary: 'Write the parity contract and the promotion gates from the inventory',
    examples: [
      { does: 'Update both documents', line: 'breakglass contract' },
      { does: 'Fail in CI if a document is out of date', line: 'breakglass contract --check' },
    ],
    exits: [...READS, 'drift'],
    read: () => import('./commands/contract.ts'),
  },
  check: {
    group: 'Observe',
    summary: 'Observe runbooks and report drift',
    examples: [
      { does: 'Check a runbook in production', line: 'breakglass check access-posture --env prod' },
      {
        does: 'Check two environments in CI',
        line: 'breakglass check run-parity secret-parity --env stage,prod --format junit',
      },
      {
        does: 'Check a runbook in a simulated Google Cloud',
        line: 'breakglass check access-posture --env prod --sandbox incident-2026-02-27',
      },
    ],
    exits: [...READS, 'drift', 'interrupted'],
    read: () => import('./commands/check.ts'),
  },
  plan: {
    group: 'Observe',
    summary: 'Show what a run would change, with the exact commands',
    examples: [
      { does: 'Show what a run would change in production', line: 'breakglass plan access-posture --env prod' },
      {
        does: 'Save the plan for approval',
        line: 'breakglass plan access-posture --env prod --out plan.json --expires 30m',
      },
    ],
    exits: OBSERVES,
    read: () => import('./commands/plan.ts'),
  },
  snapshot: {
    group: 'Observe',
    summary: 'Write a scenario that starts from the current state, without secret payloads',
    examples: [
      { does: 'Capture production', line: 'breakglass snapshot --env prod' },
      {
        does: 'Capture production to rehearse a runbook against it',
        line: 'breakglass snapshot access-posture --env prod --out runbooks/scenarios/before-friday.yaml',
      },
    ],
    exits: OBSERVES,
    read: () => import('./commands/snapshot.ts'),
  },
  run: {
    group: 'Remediate',
    summary: 'Run runbooks: observe, ask for consent, change, read back',
    asks: true,
    examples: [
      {
        does: 'Remediate production, step by step',
        line: 'breakglass run access-posture --env prod --incident INC-1234 --reason "Frontend unreachable since 14:02"',
      },
      {
        does: 'Run an approved plan',
        line: 'breakglass run --plan plan.json --approval plan.approval-ada.json --incident INC-1234 --reason "Frontend unreachable since 14:02"',
      },
    ],
    exits: CHANGES,
    read: () => import('./commands/run.ts'),
  },
  resume: {
    group: 'Remediate',
    summary: 'Resume a run that was cut off or ended early',
    asks: true,
    examples: [
      { does: "Resume the incident's last run", line: 'breakglass resume INC-1234' },
      {
        does: 'Resume a run with a runbook from outside the workspace',
        line: 'breakglass resume INC-1234 --runbook ../shared/rotate-key.yaml',
      },
    ],
    exits: CHANGES,
    read: () => import('./commands/resume.ts'),
  },
  undo: {
    group: 'Remediate',
    summary: "Undo an incident's changes, newest first",
    asks: true,
    examples: [
      { does: 'Undo all changes of an incident', line: 'breakglass undo INC-1234 --reason "The fix made it worse"' },
      {
        does: 'Undo one step',
        line: 'breakglass undo INC-1234 --step "access-posture/public-ingress[frontend-app]"',
      },
    ],
    exits: CHANGES,
    read: () => import('./commands/undo.ts'),
  },
  approve: {
    group: 'Remediate',
    summary: 'Review a saved plan and sign it with your SSH key',
    asks: true,
    examples: [
      { does: 'Review and sign a plan', line: 'breakglass approve plan.json' },
      { does: 'Sign with another key', line: 'breakglass approve plan.json --key ~/.ssh/id_ed25519' },
    ],
    exits: [...READS, 'declined'],
    read: () => import('./commands/approve.ts'),
  },
  countersign: {
    group: 'Remediate',
    summary: 'Countersign a solo override',
    asks: true,
    examples: [{ does: 'Review and countersign what an operator did alone', line: 'breakglass countersign INC-1234' }],
    exits: [...READS, 'declined', 'locked'],
    read: () => import('./commands/countersign.ts'),
  },
  incidents: {
    group: 'Remediate',
    summary: 'List incidents and their state',
    examples: [
      { does: 'List all incidents, the newest first', line: 'breakglass incidents' },
      { does: 'List them as JSON', line: 'breakglass incidents --json' },
    ],
    exits: READS,
    read: () => import('./commands/incidents.ts'),
  },
  locks: {
    group: 'Remediate',
    summary: 'List the projects that your runs on this machine have locked',
    examples: [{ does: 'See which run holds a lock, and since when', line: 'breakglass locks' }],
    exits: READS,
    read: () => import('./commands/locks.ts'),
  },
  record: {
    group: 'Prove',
    summary: 'Write the backfill record from the audit log',
    examples: [
      { does: 'Write record.md and print it', line: 'breakglass record INC-1234' },
      { does: 'Print the record as one HTML page', line: 'breakglass record INC-1234 --format html' },
      { does: 'Check a record against the log', line: 'breakglass record INC-1234 --verify docs/incident.md' },
    ],
    exits: READS,
    read: () => import('./commands/record.ts'),
  },
  audit: {
    group: 'Prove',
    summary: 'Verify, show, export or prove the audit log',
    examples: [
      { does: 'Verify the log of an incident', line: 'breakglass audit verify INC-1234' },
      { does: 'Pack the evidence into one archive', line: 'breakglass audit export INC-1234' },
    ],
    exits: READS,
    commands: {
      verify: {
        summary: 'Verify that the log is complete and unchanged',
        examples: [
          { does: 'Verify the log of an incident', line: 'breakglass audit verify INC-1234' },
          {
            does: 'Verify an archive with your own list of signers',
            line: 'breakglass audit verify INC-1234.tar --allowed-signers our-signers',
          },
        ],
        exits: READS,
        read: () => import('./commands/audit/verify.ts'),
      },
      show: {
        summary: 'Show the entries of the log',
        examples: [
          { does: 'Read the log', line: 'breakglass audit show INC-1234' },
          { does: 'Print its entries as JSON', line: 'breakglass audit show INC-1234 --json' },
        ],
        exits: READS,
        read: () => import('./commands/audit/show.ts'),
      },
      export: {
        summary: 'Pack the log and all evidence into one archive',
        examples: [
          { does: 'Write INC-1234.tar', line: 'breakglass audit export INC-1234' },
          { does: 'Choose the name of the archive', line: 'breakglass audit export INC-1234 --out evidence.tar' },
        ],
        exits: READS,
        read: () => import('./commands/audit/export.ts'),
      },
      prove: {
        summary: 'Prove that one entry is in the log without showing any other',
        examples: [
          { does: 'Prove entry 42', line: 'breakglass audit prove INC-1234 42 --out entry-42.json' },
          { does: 'Verify the proof, without the log', line: 'breakglass audit verify entry-42.json' },
        ],
        exits: READS,
        read: () => import('./commands/audit/prove.ts'),
      },
    },
  },
  reconcile: {
    group: 'Prove',
    summary: "Compare Cloud Audit Logs with the incident's log",
    examples: [
      { does: 'Find changes that the log does not have', line: 'breakglass reconcile INC-1234' },
      { does: 'Compare as another account', line: 'breakglass reconcile INC-1234 --account auditor@example.com' },
    ],
    exits: [...READS, 'drift', 'locked'],
    read: () => import('./commands/reconcile.ts'),
  },
  rehearse: {
    group: 'Rehearse',
    summary: 'Rehearse a scenario in a simulated Google Cloud',
    asks: true,
    examples: [
      { does: 'Rehearse the incident that comes with Breakglass', line: 'breakglass rehearse' },
      { does: 'Rehearse a scenario without questions', line: 'breakglass rehearse incident-2026-02-27 --yes' },
      { does: 'Rehearse with three random faults', line: 'breakglass rehearse --fault-seed 7 --faults 3' },
    ],
    exits: CHANGES,
    read: () => import('./commands/rehearse.ts'),
  },
  test: {
    group: 'Rehearse',
    summary: 'Rehearse scenarios and compare each with its expected end',
    examples: [
      { does: 'Test all scenarios of the workspace', line: 'breakglass test' },
      { does: 'Test one scenario in CI', line: 'breakglass test incident-2026-02-27 --format junit' },
    ],
    exits: OBSERVES,
    read: () => import('./commands/test.ts'),
  },
  sandbox: {
    group: 'Rehearse',
    summary: 'Start a simulated Google Cloud, or run a command in one',
    examples: [
      { does: 'Keep a sandbox running for another shell', line: 'breakglass sandbox incident-2026-02-27' },
      {
        does: 'Run gcloud in a sandbox',
        line: 'breakglass sandbox conformant -- gcloud run services list --project=jualuma-prod',
      },
      { does: 'Open a shell in a sandbox', line: 'breakglass sandbox conformant -- bash' },
    ],
    exits: READS,
    read: () => import('./commands/sandbox.ts'),
  },
  doctor: {
    group: 'Set up',
    summary: 'Check that this machine is ready',
    examples: [
      { does: 'Check gcloud, account, clock and disk', line: 'breakglass doctor' },
      { does: 'Check the permissions that a runbook needs', line: 'breakglass doctor access-posture --env prod' },
    ],
    exits: READS,
    read: () => import('./commands/doctor.ts'),
  },
  completion: {
    group: 'Set up',
    summary: 'Print the completion script for your shell',
    examples: [
      { does: 'bash: add eval "$(breakglass completion bash)" to ~/.bashrc', line: 'breakglass completion bash' },
      { does: 'zsh: add eval "$(breakglass completion zsh)" to ~/.zshrc', line: 'breakglass completion zsh' },
      { does: 'fish: write it to ~/.config/fish/completions/breakglass.fish', line: 'breakglass completion fish' },
    ],
    exits: READS,
    read: () => import('./commands/completion.ts'),
  },
  names: {
    group: 'internal',
    summary: 'Print the names of one kind, one per line, for completion',
    examples: [{ does: 'Print the names of the runbooks', line: 'breakglass names runbooks' }],
    exits: READS,
    read: () => import('./commands/names.ts'),
  },
}
