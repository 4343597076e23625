using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>Addresses that people have saved.</summary>
internal sealed class SavedAddresses : Kind<IncomingAddress>
{
    public const string KindName = "addresses";

    public static readonly string[] Tables = ["addresses", "user_addresses", "delivery_addresses", "enderecos"];

    public static readonly string[] Street = ["street", "street_name", "address_line1", "line1", "address1", "logradouro", "rua"];
    public static readonly string[] Number = ["number", "street_number", "numero"];
    public static readonly string[] Complement = ["complement", "address_line2", "line2", "address2", "complemento"];
    public static readonly string[] Neighborhood = ["neighborhood", "neighbourhood", "district", "bairro"];
    public static readonly string[] City = ["city", "cidade"];
    public static readonly string[] State = ["state", "region", "province", "uf", "estado"];
    public static readonly string[] PostalCode = ["postal_code", "zip_code", "zipcode", "zip", "cep", "postcode"];
    public static readonly string[] Country = ["country", "country_code", "pais"];

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        Tables,
        [
            new("id", "id", "address_id"), new("user", "user_id", "customer_id", "account_id"), new("label", "label", "name", "title", "nickname", "apelido"),
            new("street", Street), new("number", Number), new("complement", Complement), new("neighborhood", Neighborhood), new("city", City), new("state", State), new("postalCode", PostalCode), new("country", Country),
            new("isDefault", "is_default", "default", "is_primary", "padrao"), new("createdAt", "created_at", "created"),
        ]);

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("user"))];

    protected override IncomingAddress? Map(SourceRow row, string oldId, Reading reading)
    {
        if (Read(row.Text) is not { } address)
        {
            row.Says.Refuse("address_incomplete", "Nothing of it is there.");
            return null;
        }

        if (Needed(row, Users.KindName, "user", "owner") is not { } user)
            return null;
        var created = row.Past("createdAt");
        return new(reading.IdOf(KindName, oldId, created), user, row.Text("label"), address, row.Flag("isDefault") ?? false, created);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingAddress[] incoming, CancellationToken ct) => services.GetRequiredService<IAccountsIntake>().TakeAddresses(incoming, ct);

    /// <summary>An address by its parts; what is missing is empty. Null where nothing is there.</summary>
    public static PostalAddress? Read(Func<string, string?> part)
    {
        if ((part("street") ?? part("city") ?? part("postalCode")) is null)
            return null;
        // Many systems of one country keep none.
        var country = part("country")?.Trim().ToUpperInvariant() switch
        {
            [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] code => code,
            "INDIA" or "ÍNDIA" => "IN",
            "UNITED STATES" or "USA" => "US",
            "PORTUGAL" => "PT",
            _ => "BR",
        };
        return new(part("street") ?? "", part("number") ?? "s/n", part("complement"), part("neighborhood") ?? "-", part("city") ?? "", part("state") ?? "-", part("postalCode") ?? "", country);
    }
}
