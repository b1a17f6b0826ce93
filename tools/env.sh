# The environment of the stack $CRR_STACK. Source it in the root of the
# repository: . tools/env.sh
#
# The stack local runs on the local AWS, with its own engine, state and
# credentials. Other stacks use the user's backend, login and credentials; only
# missing tools come from .local.

CRR_LOCAL=$(pwd)/.local
export CRR_LOCAL

case ":$PATH:" in
*":$CRR_LOCAL/bin:"*) ;;
*) PATH=$CRR_LOCAL/bin:$PATH ;;
esac
export PATH

if [ "$CRR_STACK" = local ]; then
	# This restarts an unusable local AWS, with a message.
	crr local start --quiet --dir "$CRR_LOCAL" || exit
	. "$CRR_LOCAL/env"
else
	# Use our plugins with the user's login.
	PULUMI_CREDENTIALS_PATH=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}
	PULUMI_HOME=$CRR_LOCAL/pulumi
	export PULUMI_CREDENTIALS_PATH PULUMI_HOME
fi
