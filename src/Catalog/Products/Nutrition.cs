using System.ComponentModel.DataAnnotations;

namespace Quitanda.Catalog.Products;

/// <summary>What one serving holds.</summary>
/// <param name="ServingSize">In words: <c>1 unidade (120 g)</c>.</param>
/// <param name="Calories">Kilocalories.</param>
/// <param name="Protein">Grams.</param>
/// <param name="Carbohydrates">Grams.</param>
/// <param name="Fat">Grams.</param>
/// <param name="Sodium">Milligrams.</param>
/// <param name="Allergens">What some people must not eat: <c>gluten</c>, <c>milk</c>.</param>
internal sealed record Nutrition(
    [Required, StringLength(100)] string ServingSize,
    [Range(0, 100_000)] decimal Calories,
    [Range(0, 100_000)] decimal Protein,
    [Range(0, 100_000)] decimal Carbohydrates,
    [Range(0, 100_000)] decimal Fat,
    [Range(0, 1_000_000)] decimal Sodium,
    [MaxLength(30), Labels(50)] string[] Allergens);
