import { gcloudKnowledge } from '../engine/gcloud/command-tree.ts'
import { type CommandKind, kindOfCommand } from '../engine/gcloud-grammar/command-kinds.ts'
import { type CommandTree, isGroup, withoutTrack } from '../engine/gcloud-grammar/command-tree.ts'

/** Describes a command of an SDK's tree, with its own flags and those of its groups. */
export type TreeCommand = { words: string[]; kind: CommandKind; flags: string[] }

/** Returns every command of an installed SDK's tree with its kind. */
export function classifyTree(root: string): TreeCommand[] {
  const { partial, tree } = gcloudKnowledge({ root, version: '' })
  if (partial) throw new Error(`${root} has no tree of commands that can be read`)
  return [...commandsIn(tree, [], [])]
}

function* commandsIn(node: CommandTree, words: string[], outer: string[]): Generator<TreeCommand> {
  const own = words.length === 0 ? [] : [...Object.keys(node.flags), ...Object.keys(node.hidden ?? {})]
  const flags = [...outer, ...own]
  if (!isGroup(node)) yield { words, kind: kindOfCommand(withoutTrack(words)), flags }
  for (const [name, inner] of Object.entries(node.commands)) yield* commandsIn(inner, [...words, name], flags)
}

/** Returns how many commands are of each kind. */
export function countsOf(commands: TreeCommand[]): Record<CommandKind, number> {
  const counts = { read: 0, change: 0, 'print-secret': 0, unknown: 0 }
  for (const { kind } of commands) counts[kind]++
  return counts
}

/** Returns the text of known-reads.json, in which release tracks are merged, and the flags that reading commands must not have. */
export function readsTable(commands: TreeCommand[], sdk: string): { text: string; refused: string[] } {
  const refused = new Set<string>()
  const found = new Map<string, Set<string>>()
  for (const { words, flags } of commands.filter(({ kind }) => kind === 'read')) {
    const name = withoutTrack(words).join(' ')
    const known = found.get(name) ?? new Set()
    for (const flag of flags) (mayRead(name, flag) ? known : refused).add(flag)
    found.set(name, known)
  }
  const sets: string[] = []
  const groups = new Map<string, string[]>()
  for (const name of [...found.keys()].sort()) {
    const set = [...(found.get(name) ?? [])].sort().join(' ')
    if (!sets.includes(set)) sets.push(set)
    const [verb, ...group] = name.split(' ').reverse()
    const key = group.reverse().join(' ')
    groups.set(key, [...(groups.get(key) ?? []), `${verb}:${sets.indexOf(set)}`])
  }
  const rows = [...groups].map(([group, verbs]) => `    ${JSON.stringify(group)}: ${JSON.stringify(verbs.join(' '))}`)
  const flags = sets.map((set) => `    ${JSON.stringify(set)}`)
  const text = `{\n  "sdk": ${JSON.stringify(sdk)},\n  "flags": [\n${flags.join(',\n')}\n  ],\n  "commands": {\n${rows.join(',\n')}\n  }\n}\n`
  return { text, refused: [...refused].sort() }
}

/** Cloud Run's `--namespace` is a project, and overrides `--project`. */
const mayRead = (command: string, flag: string): boolean =>
  READING_FLAGS.has(flag) && !(flag === '--namespace' && command.startsWith('run '))

/**
 * Lists the flags that a reading command may have, reviewed one by one against gcloud 528.0.0: they select, sort or limit what
 * is read, or set how much of it is shown. Any other flag is refused, whichever command has it: those that write or read a
 * file (`--output-file`, `--attestation-file`, `--key-file`), take a credential (`--decryption-keys`), add HTTP
 * headers, print values (`--values`, `--guest-attributes`), and all of gcloud's own (`--account`, `--flags-file`, `--log-http`).
 */
export const READING_FLAGS: ReadonlySet<string> = new Set(
  `
--abandoned --access-time --activity-type --address-family --admin-cluster --admin-cluster-membership
--admin-cluster-membership-location --admin-cluster-membership-project --after --all --all-memberships
--analyze-service-account-impersonation --api --appliances --application --artifact-url --aspect-types --asset
--asset-names --asset-types --assignment-id --attachment-point --attestor --attestor-project --available --backup
--backup-channel --backup-collection --backup-plan --backup-schedule --backup-vault --backup_plan --base-image
--base-project --before --billing-account --binding --block-name --blockers-only --bucket --caller-access-type
--caller-relationship --can-deploy-hugging-face-models --cancelled --changed-after --cloud-exadata-infrastructure
--cloud-vm-cluster --cluster --code-repository-index --code-tools-setting --collection-group --commit-id
--compare-duration --completed --config --config-name --connect_cluster --connection --constraint --consumer
--container-id-filter --content-type --context --crawler --created-after --created-before --cross-site-network
--customer --data-sharing-with-google-setting --data-source --data_taxonomy --database --database-version --datascan
--dataset --delivery-pipeline --dependency --deployment --dest-group --destination-folder --destination-organization
--destination-range --details --diff-image --diff-project --direction --display-language-code --domain --done
--effective --effective-location --enabled --end-time --endpoint-filter --entitlement --entry --entry-group
--entry_group --environment --execution --execution-id --execution-timeout --exhaustive --expand-groups
--expand-resources --expand-roles --expand-table --failed --fetch-encrypted-object-hashes --field-mask --filter
--filter-account --filter-modules --firewall-policy --firewall-policy-region --fleet-package --folder --freshness --full
--full-name --full-resource-name --full-view --gateway --gateway-security-policy --gdc-zone
--gemini-gcp-enablement-setting --gen2 --generation --global --global-firewall-policy --glossary --group-by
--group-email --hide-committed --hide-no-traffic --holder --host --hub --iam-account --identity --image --image-zone
--importance --include-deny --include-deny-policy-analysis --include-gcp-public-datasets --include-organization-ids
--include-project-ids --include-proto-descriptors --include-tags --index --index-endpoint --insight-type --instance
--instance-config --instance-location --instance-partition --instance-region --instance-zone --instances
--inventory-filter --ip-cidr-range --issuer-location --issuer-pool --job --job-id --job-names --job-statuses --job-type
--kernel-version --key --keyname --keyring --kind --labels --lake --less --level --limit --list-all-pipelines
--list-model-garden-endpoints-only --location --locations --log-filter --logging-setting --logs --long --managed-by
--managed-identity --map --max-data-points --max-endpoints --max-ntpot-milliseconds --max-size --member-email
--membership --memberships --mesh --metadata-filter --migration-job --min-log-level --model --model-filter
--model-server --model-server-version --module --most-recent-per-job-type --mysql-database --mysql-table --name --names
--namespace --nat --nat-name --network --network-interface --network-peering --network-policy --network-project
--next-page-token --no-completed --no-started --occurrence-filter --ongoing --only-managed --only-unmanaged
--operation-filter --operation-names --operation-statuses --oracle-schema --oracle-table --order --order-by --orders
--organization --origin --os-policy-assignment --os-shortname --os-version --output-group-edges --output-resource-edges
--owner-projects --owner-types --package --package-name --package-version --page-size --page-token --page_token
--parameter --parent --paths --peer --pending --permissions --pipeline --policy --policy-applied
--policy-name --pool --postgresql-schema --postgresql-table --preview-images --private-cloud --private-connection
--product --product-set --protocol --provider --provider-project --query --query-filter --queue --raw --read-mask
--read-time --recommender --reconciling-only --recursive --regexp --region --regions --relationship-types --release
--release-channel-setting --report-config --repository --resize-request --resource --resource-bundle --resource-name
--resource-names --resource-prefix --resource-type --resource-types --response-policy --response-view --restore
--restore-channel --restore-plan --restricted-locations --revision --revision-id --roles --rollout --route-direction
--route-view --route_table --router --running --salesforce-object-name --saved-analysis-query --scan-config --scan-run
--schema-registry --scope --secret --security-policy --server-filter --service --service-account --service-name
--service-project --share-settings --show-added-packages --show-all-metadata --show-all-users --show-build-details
--show-cluster-status --show-cluster-upgrade --show-config --show-deleted --show-deployment --show-deprecated
--show-edition --show-image-basis --show-linked-cluster-upgrade --show-nat-ips --show-occurrences
--show-occurrences-from --show-package-vulnerability --show-provenance --show-removed-packages --show-response
--show-sbom-references --show-sql-network-architecture --show-transactional-log-storage-state --show-unset
--show-updated-packages --simple-list --sink-filter --skip-pipeline-lookup --snapshot-time --soft-deleted --sort-by
--sort-order --source --source-cloud-location --source-display-name --spoke --spoke-locations --sqlserver-schema
--sqlserver-table --standalone-cluster --standard-images --start-time --started --stat --state --state-filter --status
--steps --stream --sub-block-name --sub-folder --subject --subnet-name --subnet-region --subscription --succeeded
--summarize --table --tag --target --task --task_group --taxonomy --tensorboard-experiment-id --tensorboard-id
--tensorboard-run-id --tentative --transform --tree-type --type --types --uncommitted --uri --v2 --verbose --view
--vlan-key --volume --wasm-plugin --worker-pool --workflow --workforce-pool --workload --workload-identity-pool --zone
--zones
`
    .split(/\s+/)
    .filter((flag) => flag !== ''),
)
