namespace Quitanda.Platform;

/// <summary>No PostgreSQL of version 15 or later is installed. The message has the one command that installs it.</summary>
public sealed class PostgresMissingException : Exception
{
    internal PostgresMissingException(string found)
        : base($"""
            Quitanda needs PostgreSQL 15 or later, and {found}. Install it:
              {Command}
            or name a server with DATABASE_URL.
            """)
    {
    }

    // Debian's package would start a cluster of its own on port 5432 unless it is told not to before it is installed.
    internal static string Command =>
        OperatingSystem.IsWindows() ? "winget install PostgreSQL.PostgreSQL.17"
        : OperatingSystem.IsMacOS() ? "brew install postgresql@17"
        : "sudo sh -c 'apt-get update && apt-get install -y postgresql-common && echo \"create_main_cluster = false\" >> /etc/postgresql-common/createcluster.conf && apt-get install -y postgresql'";
}

/// <summary>The private PostgreSQL could not be made, started or reached. The message says why and names the log file.</summary>
public sealed class PostgresFailedException : Exception
{
    internal PostgresFailedException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    internal bool StillStarting { get; init; }
}
