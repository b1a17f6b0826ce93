#!/bin/sh
# The Makefile's steps for a stack, in the environment of tools/env.sh. Each step
# is a separate command that is replaced by the engine: a signal to make reaches
# the engine, which then stops cleanly.
#
#   stack.sh renew     restart the local AWS if another build of crr runs it
#   stack.sh prepare   clean up after a killed engine, check plugin and credentials, select the stack
#   stack.sh up        deploy
#   stack.sh deployed  record the instance that was deployed to; print what to try next
#   stack.sh preview   show what up would change
#   stack.sh check     refuse to destroy buckets that hold data
#   stack.sh destroy   destroy
#   stack.sh destroyed schedule the deletion of unused keys
#   stack.sh stop      stop the local AWS
#   stack.sh tidy      end the remaining processes of a killed engine
#
# PULUMI_ARGS are further arguments for the engine: PULUMI_ARGS=--yes.
set -eu

# The local AWS keeps its state in memory; its instance shows whether it is
# still the one that the stack was deployed to.
instance_file=$CRR_LOCAL/pulumi-state/instance
# The one that the deployment under way began with.
begun_file=$CRR_LOCAL/pulumi-state/deploying
# The state that a stack has before it is destroyed.
exported=$CRR_LOCAL/destroyed-$(printf %s "$CRR_STACK" | tr / _).json

is_local() { [ "$CRR_STACK" = local ]; }

instance() { crr local status --dir "$CRR_LOCAL" --output json | sed -n 's/^ *"instance": "\(.*\)",*$/\1/p'; }

# options for the engine. What it remembers of the local AWS is checked only where
# that may be gone. Its own number of things to do at once hangs on the number of
# processors, though it mostly waits.
options() {
	if is_local; then
		echo --parallel 32
		[ "$(instance)" = "$(cat "$instance_file" 2>/dev/null)" ] || echo --refresh
	fi
	echo "${PULUMI_ARGS:-}"
}

# tidy ends the language hosts of killed engines, which would notice that only after
# minutes. A host at work is its engine's child.
tidy() {
	ps -wweo pid=,ppid=,args= | grep -F 'pulumi-language-go -' | grep -F -- "-root=$(pwd) " | while read -r host parent _; do
		case $(ps -o comm= -p "$parent") in
		*pulumi) ;;
		*) kill "$host" 2>/dev/null || : ;; # it has just gone by itself
		esac
	done
}

suggest() {
	# The first two are those of the first source and its first destination.
	buckets=$(crr describe --stack "$CRR_STACK" --output json | sed -n 's/.*"bucket": "\(.*\)".*/\1/p')
	source=$(echo "$buckets" | sed -n 1p)
	destination=$(echo "$buckets" | sed -n 2p)
	cat <<END

Try next, in a shell that talks to this AWS and to nothing else:
  . .local/env
  aws s3 cp README.md s3://$source/
  aws s3api head-object --bucket $source --key README.md --query ReplicationStatus
  aws s3 ls s3://$destination/
  crr verify --stack local
  crr status --stack local
and when you are done: make down
END
}

case $1 in
renew)
	# Only up does: it deploys again what the local AWS loses with it.
	if is_local; then crr local start --quiet --renew --dir "$CRR_LOCAL"; fi
	;;
prepare)
	# A name that nobody knows is a slip: no stack is made of it.
	config=Pulumi.${CRR_STACK##*/}.yaml
	if [ ! -f "$config" ] && ! pulumi stack select "$CRR_STACK" >/dev/null 2>&1; then
		echo "There is no stack $CRR_STACK, and no $config to make one of: copy Pulumi.dev.yaml to that name, or choose among: $(ls Pulumi.*.yaml | sed 's/Pulumi\.\(.*\)\.yaml/\1/' | xargs)" >&2
		exit 2
	fi
	if ! is_local && [ "${CRR_ALLOW_STANDIN_PLUGIN:-}" != 1 ] && grep -q '"bridge": true' "$CRR_LOCAL/tools.json"; then
		kind=$(sed -n 's/.*"kind": "\(.*\)".*/\1/p' "$CRR_LOCAL/tools.json")
		echo "The stack $CRR_STACK is not deployed: the AWS plugin here is $kind, since the official one could not be had from the network. Run this again with a network, or with CRR_ALLOW_STANDIN_PLUGIN=1 to deploy with the stand-in." >&2
		exit 2
	fi
	tidy
	if is_local; then
		crr local prepare --dir "$CRR_LOCAL"
	elif [ -f "$config" ]; then
		crr whoami --config "$config" >&2
	else
		crr whoami >&2
	fi
	# Another make may create it at the same time.
	if ! refused=$(pulumi stack select --create "$CRR_STACK" 2>&1) && ! pulumi stack select "$CRR_STACK" >/dev/null 2>&1; then
		echo "$refused" >&2
		exit 1
	fi
	;;
up | destroy)
	# On the local AWS nothing can be lost, so nothing is asked.
	if is_local; then
		instance >"$begun_file"
		# shellcheck disable=SC2046 # options are words
		exec crr local engine --dir "$CRR_LOCAL" -- pulumi "$1" --yes --skip-preview --stack "$CRR_STACK" $(options)
	fi
	# shellcheck disable=SC2046
	exec pulumi "$1" --stack "$CRR_STACK" $(options)
	;;
check)
	if is_local; then
		# Everything there may go, also what a stack file protects.
		pulumi state unprotect --all --yes --stack "$CRR_STACK" >/dev/null 2>&1 || :
	elif ! crr destroy-check --stack "$CRR_STACK"; then
		echo "The stack $CRR_STACK is not destroyed, and nothing of it was changed." >&2
		exit 1
	else
		(umask 077 && pulumi stack export --stack "$CRR_STACK" >"$exported")
	fi
	;;
destroyed)
	is_local && exit
	case " ${PULUMI_ARGS:-} " in *" --yes "* | *" -y "*) set -- --yes ;; *) set -- ;; esac
	crr schedule-key-deletion --state "$exported" "$@" || {
		echo "The stack is destroyed, and its keys are left: crr schedule-key-deletion --state $exported" >&2
		exit 1
	}
	rm -f "$exported"
	;;
deployed)
	if is_local; then
		if [ "$(instance)" != "$(cat "$begun_file")" ]; then
			echo "The local AWS was lost during the deployment, and what was deployed with it: run make up again." >&2
			exit 1
		fi
		cp "$begun_file" "$instance_file"
	fi
	echo
	crr describe --stack "$CRR_STACK"
	if is_local; then suggest; fi
	;;
preview)
	# shellcheck disable=SC2046
	exec pulumi preview --stack "$CRR_STACK" $(options)
	;;
stop)
	if is_local; then crr local stop --dir "$CRR_LOCAL"; fi
	;;
tidy)
	tidy
	;;
*)
	echo "stack.sh: unknown command $1" >&2
	exit 2
	;;
esac
