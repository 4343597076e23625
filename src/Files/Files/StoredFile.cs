using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Where a file stands.</summary>
internal enum FileState
{
    /// <summary>Announced; its bytes are on their way, or nobody has proved them yet. Never served.</summary>
    Uploading,

    /// <summary>Whole, proved and stored. It never changes again.</summary>
    Ready,

    /// <summary>Gone for everyone; its object is still to be deleted.</summary>
    Deleted,
}

/// <summary>Who may fetch the bytes.</summary>
internal enum Visibility
{
    /// <summary>The owner, staff, and whoever holds a signed link.</summary>
    Private,

    /// <summary>Anyone who knows the address.</summary>
    Public,
}

/// <summary>A file as its row has it.</summary>
internal sealed class StoredFile
{
    /// <summary>Of a file <c>f</c>.</summary>
    public static readonly Sql Columns = Sql.Raw(
        "f.id, f.owner_id, f.is_of_staff, f.state, f.visibility, f.content_type, f.size, f.name, f.object_key, f.is_direct, f.width, f.height, f.sha256, f.created_at, f.updated_at");

    public required Guid Id { get; init; }

    /// <summary>Null once whoever sent it has been erased.</summary>
    public required Guid? OwnerId { get; init; }

    public required bool IsOfStaff { get; init; }
    public required FileState State { get; init; }
    public required Visibility Visibility { get; init; }
    public required string ContentType { get; init; }
    public required long Size { get; init; }
    public required string Name { get; init; }
    public required string ObjectKey { get; init; }
    public required bool IsDirect { get; init; }
    public int? Width { get; init; }
    public int? Height { get; init; }
    public byte[]? Sha256 { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public static StoredFile Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        OwnerId = row.IsDBNull(1) ? null : row.GetGuid(1),
        IsOfStaff = row.GetBoolean(2),
        State = Wire.Parse<FileState>(row.GetString(3)),
        Visibility = Wire.Parse<Visibility>(row.GetString(4)),
        ContentType = row.GetString(5),
        Size = row.GetInt64(6),
        Name = row.GetString(7),
        ObjectKey = row.GetString(8),
        IsDirect = row.GetBoolean(9),
        Width = row.IsDBNull(10) ? null : row.GetInt32(10),
        Height = row.IsDBNull(11) ? null : row.GetInt32(11),
        Sha256 = row.IsDBNull(12) ? null : row.GetFieldValue<byte[]>(12),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(13),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(14),
    };

    public static void Map(ModelBuilder model)
    {
        model.Entity<StoredFile>(file =>
        {
            file.ToTable("files", "files");
            file.Property(f => f.State).IsNamed();
            file.Property(f => f.Visibility).IsNamed();
        });
        model.Entity<FileUse>().ToTable("uses", "files").HasKey(use => new { use.Kind, use.UsedBy, use.FileId });
    }

    /// <summary>A file that this caller may see, ready or not; null for anyone else's.</summary>
    public static Task<StoredFile?> Find(Db db, Guid id, Caller caller, CancellationToken ct) => db.ReadFirst(
        $"select {Columns} from files.files f where f.id = {id} and f.state <> 'deleted' and (f.owner_id = {caller.Id} or {caller.Is(Roles.Staff)})", Read, ct);

    /// <summary>Where its bytes are.</summary>
    public ObjectKey Place() => Stores.ObjectKey.Parse(ObjectKey);
}

/// <summary>Something that shows a file.</summary>
internal sealed class FileUse
{
    public Guid FileId { get; init; }
    public required string Kind { get; init; }
    public Guid UsedBy { get; init; }
}
