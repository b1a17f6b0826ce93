# The environment of the stack $CRR_STACK, for a shell in the repository's root
# to read: . tools/env.sh
#
# The stack local lives on the local AWS, with an engine, a state and
# credentials of its own. Every other stack is the user's: their backend, their
# login and their credentials; only tools that they lack come from .local.

CRR_LOCAL=$(pwd)/.local
export CRR_LOCAL

case ":$PATH:" in
*":$CRR_LOCAL/bin:"*) ;;
*) PATH=$CRR_LOCAL/bin:$PATH ;;
esac
export PATH

if [ "$CRR_STACK" = local ]; then
	# It is started anew where it is of no use any more, and says so.
	crr local start --quiet --dir "$CRR_LOCAL" || exit
	. "$CRR_LOCAL/env"
else
	# The plugins are ours, the login is theirs.
	PULUMI_CREDENTIALS_PATH=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}
	PULUMI_HOME=$CRR_LOCAL/pulumi
	export PULUMI_CREDENTIALS_PATH PULUMI_HOME
fi
