/** What a gcloud command does, judged by its name. An unknown command is refused wherever only reads may run. */
export type CommandKind = 'read' | 'change' | 'print-secret' | 'unknown'

/**
 * Returns the kind of a command by its groups and verb, without the release track. The tables below were reviewed against
 * gcloud 528.0.0; a verb in none of them is unknown.
 */
export function kindOfCommand(path: readonly string[]): CommandKind {
  const [verb = ''] = path.slice(-1)
  if (path.length === 0) return 'unknown'
  if (printsSecret(path)) return 'print-secret'
  if (NOT_READ.has(path.join(' ')) || UNDECIDED_VERBS.has(verb)) return 'unknown'
  if (READING_VERBS.has(verb)) return 'read'
  return CHANGING_VERBS.has(verb) ? 'change' : 'unknown'
}

/** Returns whether a command prints a credential or a secret, or stores one where others can read it. */
export const printsSecret = (path: readonly string[]): boolean =>
  SECRET_VERBS.has(path.at(-1) ?? '') ||
  SECRET_COMMANDS.has(path.join(' ')) ||
  SECRET_COMMANDS.has([...path.slice(0, -1), '*'].join(' '))

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''))

const linesOf = (text: string): ReadonlySet<string> => new Set(text.split('\n').filter((line) => line !== ''))

/** The verbs that only read in every group, except in the commands listed below. */
export const READING_VERBS = wordsOf(`
analyze-iam-policy analyze-move analyze-org-policies analyze-org-policy-governed-assets
analyze-org-policy-governed-containers check-autopilot-compatibility check-iam-policy check-instance-upgradability
check-onboarding-status check-transitive-membership describe describe-custom-constraint describe-ddls describe-effective
describe-entities describe-explicit describe-from-family describe-instance describe-issues describe-ldaps-settings
describe-mapping describe-note describe-profile diff fetch-database-properties fetch-static-ips find-unregistered get
get-ancestors get-ancestors-iam-policy get-async-replication-status get-authorization get-certificate-authority
get-cluster-certificate-authority get-config get-default-service-account get-diagnostics get-effective
get-effective-firewalls get-effective-iam-policy get-effective-security-policies get-forwarding-config get-health
get-history get-host-project get-iam-policy get-latest-recovery-time get-locations get-membership-graph get-named-ports
get-nat-ip-info get-nat-mapping-info get-operation get-operational-status get-parent get-project
get-protected-resources-summary get-register-parameters get-route-policy get-server-config get-shielded-identity
get-status get-supported-languages get-upgrade-info get-vpc-service-controls install-status is-upgradeable list
list-app-operator-bindings list-associated-resources list-attestation-rules list-available-features list-background-jobs
list-bgp-routes list-cdn-cache-invalidations list-cleanup-policies list-configs list-crawled-urls
list-custom-constraints list-deployment-config list-descendant list-device-capacities list-disks list-effective
list-enrollments list-errors list-gcr-usage list-grantable-roles list-host-projects list-instance-details list-instances
list-ip-addresses list-ip-overrides list-ip-owners list-ip-reservations list-ips list-keys list-mapping list-marks
list-memberships list-network-endpoints list-nodes list-overrides list-preconfigured-expression-sets list-products
list-references list-resource-types list-revisions list-route-policies list-routes list-rules list-snapshots list-spokes
list-subscriptions list-tags list-testable-permissions list-topics list-upgrades list-usable list-user-verified
list-version list-vulnerabilities list-workloads lookup query-activity query-org-vpc-flow-logs-configs query-status
query-version-config read resolve search search-all-iam-policies search-all-resources search-domains
search-policy-bindings search-protected-resources search-target-policy-bindings search-transitive-groups
search-transitive-memberships show show-effective-config
`)

/** The verbs that print a credential or store one on disk, in every group. */
export const SECRET_VERBS = wordsOf(`
access asymmetric-decrypt asymmetric-sign auth-info cat config-helper decrypt export-statefile fetch-read-token
fetch-read-write-token generate-install-manifest generate-login-token generate-wallet get-auth-string
get-backup-index-download-url get-credentials get-key-string get-serial-port-output get-value mac-sign
print-access-token print-identity-token raw-decrypt render reset-admin-password reset-password reset-secret
reset-windows-password retrieve-legacy-secret-key sign-blob sign-jwt sign-url tail-serial-port-output
`)

/** The commands that print or store a credential; `*` matches every verb of a group. */
export const SECRET_COMMANDS = linesOf(`
apigee applications describe
apigee applications list
artifacts print-settings *
composer environments user-workloads-config-maps *
composer environments user-workloads-secrets *
compute interconnects macsec get-config
domains registrations authorization-code *
firestore user-creds create
iam oauth-clients credentials *
iam service-accounts keys create
iap oauth-clients *
infra-manager previews export
parametermanager parameters versions describe
publicca external-account-keys create
runtime-config configs variables describe
runtime-config configs variables watch
services api-keys create
services api-keys lookup
sql ssl client-certs create
sql ssl-certs create
storage hmac create
storage hmac describe
vmware private-clouds hcx activationkeys *
vmware private-clouds nsx credentials *
vmware private-clouds vcenter credentials *
`)

/**
 * Commands with a reading verb that read something other than Google Cloud: a local file, a setting that can be a password,
 * or a registry at the host in the image name, which receives the access token.
 */
export const NOT_READ = linesOf(`
components list
components repositories list
config get
container images describe
dns record-sets transaction describe
spanner samples list
`)

/** The verbs that change something in the cloud or on this machine, or start something that could. */
export const CHANGING_VERBS = wordsOf(`
abandon abandon-instances abort accept-spoke accept-spoke-update ack ack-up-to acknowledge acquire-ssrs-lease activate
activate-service-account add add-access-config add-acl-entry add-app-operator-binding add-attestation-rule add-backend
add-bgp-peer add-cluster-endpoints add-endpoint add-health-checks add-host-rule add-iam-policy-binding add-instances
add-interconnect add-interface add-invoker-policy-binding add-ip-override add-items add-key add-labels
add-layer7-ddos-defense-threshold-config add-mapping add-members add-metadata add-override add-partner-metadata
add-path-matcher add-preconfig-waf-exclusion add-product add-resource-policies add-route-policy add-route-policy-term
add-service-bindings add-signed-url-key add-tag add-tags add-user-defined-field advance allow alloydb
alter-metadata-resource-location alter-table-properties analyze analyze-iam-policy-longrunning app-engine apply
apply-parameters apply-software-update approve apt attach-disk auth authorize auto-remediate backend backup bak
batch-translate-text bitbucket-cloud bitbucket-data-center bitbucketserver bq browse buffer bug-report build bulk-delete
bulk-export bulk-mute call cancel cancel-lease cancel-preview change-quorum check-upgrade clean-up cleanup cli clone
clone-items clone-rules cloud-source-repositories cloudsql commit complete complete-upgrade compose concurrency-limit
config-ssh configure-docker configure-shaper-average-percentage configure-strict-priority-policy connect
connect-to-serial-port contacts convert copy copy-files copy-rules cp create create-app-engine-queue
create-app-engine-task create-auto create-aws create-backup create-cred-config create-from-file create-http-task
create-instance create-license create-link create-login-config create-members create-oidc create-pull-queue
create-pull-task create-saml create-secondary create-signature-payload create-snapshot-schedule create-vm-maintenance
create-with-container create-x509 cron-xml-to-yaml csv data data-discovery data-profile data-quality database-failover
datastore-indexes-xml-to-yaml deauthorize delete delete-access-config delete-all delete-cleanup-policies
delete-custom-constraint delete-instances delete-link delete-override delete-revision delete-signed-url-key
delete-version demote-destination deny deploy deploy-index deploy-model deprecate destroy detach detach-disk
detach-secondaries detach-subscription dev developer-connect diagnose disable disable-debug disable-enforce
disable-hyperthreading disable-serial-console disable-upgrade-redirection disable-vpc-service-controls disk
disk-consistency-group dismiss dispatch-xml-to-yaml dns download download-route-policy drain drop edit enable
enable-debug enable-enforce enable-hyperthreading enable-resource-monitoring enable-serial-console
enable-upgrade-redirection enable-vpc-service-controls encrypt enforce enforce-all enroll establish-peering execute
execute-sql expand-ip-range export export-autoscaling export-data export-lock export-logs export-rules export-steps
export-system-policy extend-schema extract failover feedback flink gcs gen-config generate generate-gateway-rbac
generate-import get-ca-certs get-mount-command get-screenshot github github-enterprise gitlab gradle grant
group-placement grpc hadoop hive http http2 https ignore-job import import-data import-rules import-statefile inherit
init init-provider initiate-push-transfer inject-fault insert install instance-schedule instantiate
instantiate-from-file interactive invalidate invalidate-cache invalidate-cdn-cache kill lease link linux list-packages
load load-vex local-run lock login macos maintenance-window management manual mark-accepted mark-active mark-claimed
mark-dismissed mark-failed mark-succeeded migrate migrate-cloud-sql modify-ack-deadline modify-membership-roles
modify-message-ack-deadline modify-push-config move move-table-to-database mutate-deployed-index mv mvn mysql npm
open-console oracle orgpolicy os-upgrade patch patch-partner-metadata pause perform-maintenance pig postgresql
prediction presto promote promote-replica provision proxy publish pubsub pull purge pyspark python query-accessible-data
query-metadata queue-xml-to-yaml raw-encrypt reboot recreate-instances redeploy reencrypt register reimage reinstall
reject reject-spoke reject-spoke-update release-ssrs-lease relocate remove remove-acl-entry remove-app-operator-binding
remove-aspects remove-attestation-rule remove-backend remove-bgp-peer remove-cluster-endpoints remove-dag-timeout
remove-datapoints remove-endpoint remove-health-checks remove-host-rule remove-iam-policy-binding remove-instances
remove-interconnect remove-interface remove-invoker-policy-binding remove-ip-override remove-items remove-job remove-key
remove-labels remove-layer7-ddos-defense-threshold-config remove-mapping remove-members remove-metadata
remove-partner-metadata remove-path-matcher remove-preconfig-waf-exclusion remove-product remove-profile
remove-resource-policies remove-rotation-schedule remove-route-policy remove-route-policy-term remove-service-bindings
remove-tags remove-user-defined-field rename renew-domain renew-lease reorder repair replace replace-all
replay-recent-access replicate report report-host-as-faulty request-delete rerun reschedule-maintenance reset
reset-ssl-config resize resize-disk restart restart-web-server restore restore-backup resume resume-instances
resume-unsupported-sdk retry-job reverse revert revoke rm rollback rotate routes rsync run run-batch run-discovery save
scan schema schema-and-data scp seed seek send-diagnostic-interrupt service-agent set set-attestation-rules
set-autohealing set-autoscaling set-backup set-cleanup-policies set-cluster-selector set-custom-constraint
set-dag-timeout set-default set-default-service set-default-service-account set-disk-auto-delete set-iam-policy
set-instance-template set-machine-type set-managed-cluster set-min-cpu-platform set-mute set-name set-named-ports
set-password set-password-policy set-policy set-primary-version set-quota-project set-roles set-rotation-schedule
set-scheduling set-scopes set-security-policy set-service-account set-standby-policy set-superuser set-target
set-target-pools set-traffic set-usage-bucket sign-and-create simulate-maintenance-event snapshot snapshot-schedule
spark spark-r spark-sql sql sqlserver ssh ssl star start start-async-replication start-backfill start-iap-tunnel
start-instances start-tcp-tunnel start-update stop stop-async-replication stop-autoscaling stop-backfill
stop-group-async-replication stop-instances stop-proactive-update submit subscribe survey suspend suspend-instances
switch switchover sync tcp tde terminate train training trigger-backup trino undelete undeploy undeploy-index
undeploy-model unenroll uninstall unlink unlock unmanage unregister unset unstar untag update update-access-config
update-app-engine-queue update-aspects update-autoscaling update-aws update-backend update-bgp-peer update-container
update-from-file update-instance-split update-instances update-interface update-key update-ldaps-settings update-mapping
update-marks update-metadata update-oidc update-options update-override update-pull-queue update-reservations
update-route-policy-term update-saml update-traffic update-x509 upgrade upload upload-route-policy upsert-datapoints web
webhook windows workload workload-policy write yum
`)

/**
 * The verbs that neither read nor change: they wait, follow a stream, send content for analysis, validate a local file or
 * print help. Observing needs none of them, so they are refused.
 */
export const UNDECIDED_VERBS = wordsOf(`
accessibility active-peering-zones analyze-entities analyze-entity-sentiment analyze-sentiment analyze-syntax arg-files
calendar-mode cheat-sheet check-data-access check-permissions classify-text cli-trees client-certificate
command-conventions compute configurations connection-string datetimes deidentify describe-last detect-document
detect-explicit-content detect-faces detect-image-properties detect-labels detect-landmarks detect-language detect-logos
detect-object detect-objects detect-product detect-safe-search detect-shot-changes detect-text detect-text-pdf
detect-text-tiff detect-web direct-predict direct-raw-predict discover docker du endpoint-override env-init env-unset
escaping evaluate evaluate-user-consents explain export-dns-record-sets fetch-for-apply fetch-source-objects filters
flags-file formats gcloudignore generate-ssh-script get-certificate-chain get-config-connector-identity get-csr
get-guest-attributes get-public-cert get-public-key get-yaml group hash help iam info inspect lint-condition log ls
mac-verify media metrics monitor mps network-management offline-help predict preview print-iam-policy projections
proxy-config proxy-status query raw-predict recognize recognize-long-running redact resource-keys run-short
sanitize-model-response sanitize-user-prompt show-rows simulate startup status stream-direct-predict
stream-direct-raw-predict stream-logs stream-raw-predict suggest-crop tail test test-ip transcribe-speech translate-text
troubleshoot validate validate-directory-service validate-message validate-schema validate-state verify version vet wait
wait-for-replication-catchup wait-last wait-until wait-until-stable watch
`)
