using Quitanda.Content.Markup;
using Quitanda.Content.Tags;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>What the demo's snack bar tells its customers.</summary>
internal sealed class DemoPosts(PostText texts, TimeProvider clock) : IDemo
{
    private sealed record Demo(string Slug, string Title, string Content, string[] Tags, int DaysAgo);

    private static readonly Demo[] All =
    [
        new("como-nasce-uma-coxinha", "Como nasce uma coxinha",
            """
            Toda coxinha daqui começa cedo, **às cinco da manhã**, com o caldo do frango.

            ## A massa

            1. O caldo ferve com manteiga e sal.
            2. A farinha entra de uma vez, e mexe-se até desgrudar da panela.
            3. A massa descansa. *Quem tem pressa come pastel.*

            ## O recheio

            Frango desfiado, cebola, salsinha e um pouco de catupiry. Nada mais.

            > A ponta é o começo: é por ela que se segura, e por ela que se termina.
            """, ["Receitas", "Bastidores"], 12),
        new("quantos-salgados-por-pessoa", "Quantos salgados por pessoa?",
            """
            A pergunta de toda festa. A nossa conta:

            | Festa | Salgados | Doces |
            |:--|--:|--:|
            | Café da tarde | 6 | 2 |
            | Aniversário com bolo | 12 | 4 |
            | Festa sem jantar | 18 | 5 |

            Crianças contam como meio adulto, e adolescentes como dois.
            """, ["Festas", "Dicas"], 5),
        new("o-novo-cardapio-vegetariano", "O novo cardápio vegetariano",
            """
            A partir desta semana há **seis salgados sem carne**: coxinha de jaca, bolinha de queijo, empada de palmito, pastel de feira, quibe de abóbora e risole de milho.

            São fritos em óleo só deles. Contem para a gente o que acharam!
            """, ["Novidades", "Vegetariano"], 1),
    ];

    public async Task<bool> IsEmpty(Db db, CancellationToken ct) => !await db.ReadFirst($"select exists (select from content.posts)", row => row.GetBoolean(0), ct);

    public async Task Fill(Db db, DemoPeople people, CancellationToken ct)
    {
        var (now, author) = (clock.GetUtcNow(), people.ByRole["staff"].Id);
        foreach (var demo in All)
        {
            var (id, at, rendered) = (Guid.CreateVersion7(now), now.AddDays(-demo.DaysAgo), texts.Render(demo.Content));
            await db.Execute($"insert into content.slugs (slug, post_id) values ({demo.Slug}, {id})", ct);
            await db.Execute($"""
                insert into content.posts (
                    id, slug, author_id, title, lead, content, html, rendered_by, status, published_at, comments_open, comment_count, view_count, revision, written_by, written_at, created_at, updated_at)
                values ({id}, {demo.Slug}, {author}, {demo.Title}, {rendered.Lead}, {demo.Content}, {rendered.Html}, {Rendered.Version}, 'published', {at}, true, 0, 0, 1, {author}, {at}, {at}, {at})
                """, ct);
            await PostTags.Write(db, id, demo.Tags, at, now, ct);
            PostIndex.Put(db, id, demo.Title, rendered);
            PostIndex.Label(db, id);
            PostIndex.Learn(db, SearchWords.OfName(demo.Title));
            db.Write($"update content.post_search set is_published = true where post_id = {id}");
        }

        Post.EvictLists(db);
    }
}
