namespace Quitanda.Catalog;

/// <summary>What other modules may ask of the catalog. Every call joins the caller's transaction.</summary>
public interface ICatalog
{
    /// <summary>
    /// Takes stock for all lines or for none, of products and of their options, locking products in the order of their ids and then options in the order of theirs. Lines may repeat a
    /// product: their quantities count together. Gives one taken line for each wanted line, in the order asked, with today's name and price. Who catches a refusal has nothing taken.
    /// </summary>
    /// <exception cref="Platform.RefusedException">
    /// <c>out_of_stock</c> (409), whose facts name the products and options: too few left, sold out, not on sale. <c>unknown_product</c> (409) where an id is no product.
    /// <c>invalid_options</c> (409) where a product's options are not chosen as its groups ask.
    /// </exception>
    Task<IReadOnlyList<TakenLine>> TakeStock(IReadOnlyList<WantedLine> lines, CancellationToken ct);

    /// <summary>Puts back what was taken, as when an order is cancelled. Products and options that are gone or not counted any more are passed over.</summary>
    Task ReturnStock(IReadOnlyList<HeldLine> lines, CancellationToken ct);

    /// <summary>What the lines would cost now, and what stands against each. Nothing is taken or locked, so it may be otherwise a moment later.</summary>
    Task<IReadOnlyList<LookedLine>> Look(IReadOnlyList<WantedLine> lines, CancellationToken ct);

    /// <summary>The options that products have now, sold out or not. A product that is not on sale any more is left out.</summary>
    Task<IReadOnlyDictionary<Guid, IReadOnlySet<Guid>>> OptionsOf(IReadOnlyCollection<Guid> productIds, CancellationToken ct);

    /// <summary>Whether there is such a product to be seen, sold out or not.</summary>
    Task<bool> IsThere(Guid productId, CancellationToken ct);

    /// <summary>
    /// Says what a product's reviews come to, in place of what was said before. Archived products have it as well; one that is deleted is passed over. To say the same again
    /// writes nothing, and forgets no answer that is kept.
    /// </summary>
    /// <param name="productId">The product.</param>
    /// <param name="stars">The sum of their ratings.</param>
    /// <param name="reviews">How many there are.</param>
    /// <param name="ct">Ends the work.</param>
    Task SetRating(Guid productId, long stars, int reviews, CancellationToken ct);

    /// <summary>The names of categories, for people to read. One that is gone is left out.</summary>
    Task<IReadOnlyDictionary<Guid, string>> CategoryNames(IReadOnlyCollection<Guid> ids, CancellationToken ct);
}

/// <summary>A product and how many of it.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Quantity">Pieces, 1 or more.</param>
/// <param name="Options">What is chosen with each piece; null where nothing is.</param>
public sealed record WantedLine(Guid ProductId, int Quantity, IReadOnlyList<WantedOption>? Options = null);

/// <summary>An option, and how many times each piece has it.</summary>
public sealed record WantedOption(Guid OptionId, int Quantity = 1);

/// <summary>What was taken for a line, and may be put back.</summary>
/// <param name="Line">The product, and the options that were counted when they were taken: what was not counted was not taken from anything.</param>
/// <param name="IsCounted">Whether the product was counted when it was taken.</param>
public sealed record HeldLine(WantedLine Line, bool IsCounted = true);

/// <summary>Stock that is taken, and what it costs.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Name">Its name now: an order keeps it when the product changes.</param>
/// <param name="Quantity">As asked.</param>
/// <param name="UnitPriceAmount">Minor units, options included.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record TakenLine(Guid ProductId, string Name, int Quantity, long UnitPriceAmount, string Currency)
{
    /// <summary>Where the product is found now.</summary>
    public Guid? CategoryId { get; init; }

    /// <summary>What is chosen with each piece, in the product's order.</summary>
    public IReadOnlyList<TakenOption> Options { get; init; } = [];

    /// <summary>Whether its pieces were taken from a count. Staff may begin to count the product later, or end it: only what was counted goes back.</summary>
    public bool IsCounted { get; init; }

    /// <summary>What was taken for it.</summary>
    public HeldLine Held => new(new(ProductId, Quantity, [.. Options.Where(option => option.IsCounted).Select(option => new WantedOption(option.OptionId, option.Quantity))]), IsCounted);
}

/// <summary>An option that is chosen, and what it adds to the price of a piece.</summary>
/// <param name="OptionId">The option.</param>
/// <param name="Group">The name of its group now.</param>
/// <param name="Name">Its name now.</param>
/// <param name="Quantity">How many times each piece has it.</param>
/// <param name="UnitPriceAmount">What one of it costs, minor units.</param>
/// <param name="FreeQuantity">How many of them are free.</param>
public sealed record TakenOption(Guid OptionId, string Group, string Name, int Quantity, long UnitPriceAmount, int FreeQuantity)
{
    /// <summary>Whether it was taken from a count of its own.</summary>
    public bool IsCounted { get; init; }

    /// <summary>What it adds to the price of each piece, minor units.</summary>
    public long Adds => UnitPriceAmount * (Quantity - FreeQuantity);
}

/// <summary>A line as it would be taken now.</summary>
/// <param name="Line">Its name and price; null where it is no product, or its options are not chosen as they must be.</param>
/// <param name="Trouble">Why it cannot be had; null where it can.</param>
public sealed record LookedLine(TakenLine? Line, LineTrouble? Trouble);

/// <summary>What stands against a line.</summary>
/// <param name="Code">The code that taking it would be refused with.</param>
/// <param name="Message">The same for people.</param>
/// <param name="Available">Pieces that are left; null where it is not a matter of pieces.</param>
public sealed record LineTrouble(string Code, string Message, int? Available);

/// <summary>Takes a shop in from another system, many products at once. Every call joins the caller's transaction.</summary>
public interface ICatalogIntake
{
    /// <summary>Adds categories, after those that are here. One whose slug is here already joins that one.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Platform.Arrival>> TakeCategories(IReadOnlyList<IncomingCategory> categories, CancellationToken ct);

    /// <summary>Adds products. A slug that somebody has gets some letters more.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Platform.Arrival>> Take(IReadOnlyList<IncomingProduct> products, CancellationToken ct);
}

/// <summary>A category of another shop.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Slug">As it was found there; made of the name where it is null or cannot be one.</param>
/// <param name="Description">What is found in it.</param>
/// <param name="CreatedAt">When it was made; now where it is null.</param>
public sealed record IncomingCategory(Guid Id, string? Name, string? Slug, string? Description, DateTimeOffset? CreatedAt);

/// <summary>A product of another shop.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Slug">As it was found there; made of the name where it is null or cannot be one.</param>
/// <param name="Description">What it is.</param>
/// <param name="Price">In the catalog's currency, or it is refused.</param>
/// <param name="CategoryId">Where it is found: a category that is here.</param>
/// <param name="Stock">How many there are; null where they are not counted.</param>
/// <param name="IsAvailable">Whether it is on sale.</param>
/// <param name="IsFeatured">Whether the shop puts it forward.</param>
/// <param name="Tags">The shop's own words for it.</param>
/// <param name="Nutrition">What a serving holds; taken only where it is whole.</param>
/// <param name="Metadata">What is kept with the product.</param>
/// <param name="CreatedAt">When it was added; now where it is null.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record IncomingProduct(
    Guid Id, string? Name, string? Slug, string? Description, Platform.Money Price, Guid CategoryId, int? Stock, bool IsAvailable, bool IsFeatured, IReadOnlyList<string> Tags,
    IncomingNutrition? Nutrition, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>What one serving holds, as far as another shop knew.</summary>
/// <param name="ServingSize">In words.</param>
/// <param name="Calories">Kilocalories.</param>
/// <param name="Protein">Grams.</param>
/// <param name="Carbohydrates">Grams.</param>
/// <param name="Fat">Grams.</param>
/// <param name="Sodium">Milligrams.</param>
/// <param name="Allergens">What some people must not eat; null where nothing was said.</param>
public sealed record IncomingNutrition(string? ServingSize, decimal? Calories, decimal? Protein, decimal? Carbohydrates, decimal? Fat, decimal? Sodium, IReadOnlyList<string>? Allergens);
