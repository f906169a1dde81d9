# Sourced: packages of other Debian suites, without touching the machine's apt. POSIX sh.
# Needs common.sh. Only how to reach the network (proxies and the like) is taken from the machine.

# The first Debian archive that the machine's own apt uses; its parent folder holds debian-security too.
debian_mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
		/etc/apt/mirrors/* 2>/dev/null | sed 's/#.*//' |
		tr -s '[:space:]' '\n' | sed 's|/*$||' | grep -E '^https?://.*/debian$' | head -n 1
}

# private_apt_setup DIR TYPE ARCHIVE SUITE: make DIR a private apt state for that one suite and load its lists.
# TYPE is deb or deb-src, ARCHIVE debian or debian-security. Fails where the machine names no Debian mirror.
private_apt_setup() {
	apt_mirror=$(debian_mirror)
	[ -n "$apt_mirror" ] && have apt-get || return 1
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/sources" "$1/parts" "$1/prefs"
	cat > "$1/sources/one.sources" <<-END
		Types: $2
		URIs: ${apt_mirror%/debian}/$3
		Suites: $4
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	END
	{
		apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets'
		cat <<-END
			Dir::Etc::Main "/dev/null";
			Dir::Etc::Parts "$1/parts";
			Dir::Etc::SourceList "/dev/null";
			Dir::Etc::SourceParts "$1/sources";
			Dir::Etc::Preferences "/dev/null";
			Dir::Etc::PreferencesParts "$1/prefs";
			Dir::State "$1";
			Dir::State::Lists "$1/lists";
			Dir::State::status "/dev/null";
			Dir::Cache "$1/cache";
			Acquire::Languages "none";
			APT::Sandbox::User "root";
			APT::Update::Error-Mode "any";
		END
	} > "$1/apt.conf"
	private_apt "$1" get update
}

# private_apt DIR get|cache ARG...: apt-get or apt-cache on that state, in the current folder.
private_apt() {
	apt_state=$1 apt_tool=$2
	shift 2
	APT_CONFIG=$apt_state/apt.conf "apt-$apt_tool" -qq "$@" </dev/null
}
